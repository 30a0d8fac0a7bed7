mod common;
use comity_base::Limits;
use comity_pattern::*;
#[test]
fn mutate() {
    let base = ["[file:hashes.'SHA-256' = 'aa' AND x:y_ref.z[*] NOT IN (1, -2.5, t'2024-01-01T00:00:00Z', b'AQID', h'01', true)] WITHIN 5.5 SECONDS REPEATS 3 TIMES",
     "([a:b LIKE 'x%' OR (EXISTS c:d AND e-f:g ISSUBSET '10.0.0.0/8')] FOLLOWEDBY [a:'b\\'\\\\c' MATCHES '\\\\d+']) START t'2024-01-01T00:00:00Z' STOP t'2024-01-02T00:00:00Z' OR [u:v >= .5]",
     "[ipv4-addr:value = '198.51.100.7/32']", "[network-traffic:dst_ref.value='x.y' // c\n /* d */]"];
    let bits: Vec<&str> = vec!["[","]","(",")","'","\\","=","!","<",">"," AND "," OR "," NOT ",".","*","0","-","+","é","\u{2003}","//","/*","*/","t'","b'","h'","EXISTS ","IN ","a","9",":",","," REPEATS 2 TIMES"];
    let mut x: u64 = 88172645463325252;
    let mut rnd = |n: usize| { x ^= x << 13; x ^= x >> 7; x ^= x << 17; (x % n as u64) as usize };
    let limits = Limits::default();
    let (mut ok, mut n) = (0, 0);
    let start = std::time::Instant::now();
    while start.elapsed().as_secs() < 25 {
        let mut chars: Vec<char> = base[rnd(base.len())].chars().collect();
        for _ in 0..=rnd(4) {
            let at = rnd(chars.len() + 1);
            match rnd(3) { 0 => { if at < chars.len() { chars.remove(at); } }
                1 => { let b: Vec<char> = bits[rnd(bits.len())].chars().collect(); for (i, c) in b.into_iter().enumerate() { chars.insert(at + i, c); } }
                _ => { let to = (at + rnd(12)).min(chars.len()); let part: Vec<char> = chars[at..to].to_vec(); let p = rnd(chars.len() + 1); for (i, c) in part.into_iter().enumerate() { chars.insert(p + i, c); } } }
        }
        let text: String = chars.into_iter().collect();
        n += 1;
        let a = parse(&text, &limits); let b = parse_2_0(&text, &limits);
        let mut taken = Vec::new();
        let v = values(&text, &mut |k, t| taken.push((k, t.into_owned())));
        assert_eq!(v.is_ok(), a.is_ok() || b.is_ok(), "{text}");
        if v.is_ok() { let mut t2 = Vec::new(); values(&format!("({text}\n)"), &mut |k, t| t2.push((k, t.into_owned()))).unwrap(); assert_eq!(taken, t2, "{text}"); }
        for (found, is21) in [(a, true), (b, false)] { match found {
            Ok(p) => { ok += 1; let s = p.to_string(); let again = if is21 { parse(&s, &limits) } else { parse_2_0(&s, &limits) }; assert_eq!(again.as_ref(), Ok(&p), "{text}"); let _ = check(&p);
               let _ = matches(&p, &[]); }
            Err(e) => { assert!(e.at() <= text.len()); let _ = e.caret(&text); } } }
    }
    println!("{n} {ok}");
}
