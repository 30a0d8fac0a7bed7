use super::*;
use crate::score::{Kind, points};

const FAMILIES: [&str; 12] =
    ["Kask", "Petrov", "Garcia", "al-Masri", "Smith", "Saar", "Schmidt", "Lopez", "Rossi", "Novak", "Silva", "Haddad"];
const GIVEN: [&str; 10] =
    ["Mari", "Jaan", "Ekaterina", "Ahmad", "Mahmoud", "Mohammed", "John", "Maria", "Hassan", "Jose"];

/// Everybody with each of these names, and somebody whose name is rare.
fn register() -> Register {
    let mut builder = Builder::default();
    for number in 0..1_200 {
        let name = format!("{} {}", GIVEN[number % GIVEN.len()], FAMILIES[number / GIVEN.len() % FAMILIES.len()]);
        builder.add(u32::try_from(number).unwrap(), &Name::read(&name, Kind::Person));
    }
    builder.add(5_000, &Name::read("Wolodymyr Przybyszewski", Kind::Person));
    builder.add(5_000, &Name::read("Володимир Пшибишевський", Kind::Person));
    builder.settle()
}

fn of(names: &[(u32, &str)]) -> Register {
    let mut builder = Builder::default();
    for (bearer, name) in names {
        builder.add(*bearer, &Name::read(name, Kind::Person));
    }
    builder.settle()
}

fn found(register: &Register, view: &View, name: &str, most: usize) -> Vec<Hit> {
    with(register, view, name, most, None)
}

fn with(register: &Register, view: &View, name: &str, most: usize, also: Option<&dyn Beside>) -> Vec<Hit> {
    let mut name = Name::read(name, Kind::Person);
    register.weigh(view, &mut name);
    let also = also.map(|points| Also { points, most: 100.0 });
    let query = Query { also, ..Query::new(&name, Kind::Person, most) };
    register.search(view, &query, &mut Scratch::default())
}

fn first(register: &Register, name: &str) -> Option<Hit> {
    found(register, &register.view(&|_| true), name, 10).first().copied()
}

#[test]
fn whoever_is_sought_is_found_however_the_name_is_written() {
    let register = register();
    for name in [
        "Wolodymyr Przybyszewski",
        "PRZYBYSZEWSKI, Volodymyr",
        "Przybyszewsky Wolodymir",
        "Wolodymyr Przybyszewksi",
        "Wolodymyrprzybyszewski",
        "Przybyszewski",
    ] {
        assert_eq!(first(&register, name).map(|hit| hit.bearer), Some(5_000), "{name}");
    }
    assert_eq!(first(&register, "Володимир Пшибишевський").map(|hit| hit.name), Some(1), "which name is told");
}

#[test]
fn a_bearer_is_told_once_and_of_common_names_the_best_are() {
    let register = register();
    let view = register.view(&|_| true);
    let mut name = Name::read("Mohammed al-Masri", Kind::Person);
    register.weigh(&view, &mut name);
    let mut scratch = Scratch::default();
    let query = Query::new(&name, Kind::Person, 10);
    let hits = register.search(&view, &query, &mut scratch);
    assert_eq!(hits.len(), 10);
    for hit in &hits {
        let number = hit.bearer as usize;
        assert_eq!((GIVEN[number % 10], FAMILIES[number / 10 % 12]), ("Mohammed", "al-Masri"), "{hit:?}");
    }
    let mut bearers: Vec<u32> = hits.iter().map(|hit| hit.bearer).collect();
    bearers.dedup();
    assert_eq!(bearers.len(), 10);
    assert_eq!(register.search(&view, &query, &mut scratch), hits, "nothing is left over in the scratch");
}

#[test]
fn nobody_is_found_who_shares_nothing_and_nothing_in_nothing() {
    assert_eq!(first(&register(), "Xiulan Quan"), None);
    assert_eq!(first(&register(), ""), None);
    assert!(first(&Register::default(), "Mari Tamm").is_none() && Register::default().is_empty());
}

#[test]
fn a_hit_has_the_points_of_comparing_both_names() {
    let register = register();
    let view = register.view(&|_| true);
    for sought in ["Mohammed al-Masri", "Wolodymyr Przybyszewski", "Smit Jon"] {
        let mut name = Name::read(sought, Kind::Person);
        register.weigh(&view, &mut name);
        let best = register.all(&view).map(|other| points(&name, &other, Kind::Person)).fold(f32::MIN, f32::max);
        let hits = found(&register, &view, sought, 1);
        assert_eq!(hits.first().map(|hit| hit.points), Some(best), "{sought}");
    }
}

#[test]
fn whoever_reaches_what_is_asked_for_is_found_and_nobody_else() {
    let register = register();
    let view = register.view(&|_| true);
    let also = |bearer: u32| if bearer.is_multiple_of(7) { 5.0 } else { -5.0 };
    for sought in
        ["Mari Kask", "Mohammed al-Masri", "Hassan Haddad", "Przybyszewski W.", "Володимир Пшибишевський", "Jon Smit"]
    {
        let mut name = Name::read(sought, Kind::Person);
        register.weigh(&view, &mut name);
        let all = Query { also: Some(Also { points: &also, most: 5.0 }), ..Query::new(&name, Kind::Person, 2_000) };
        let scanned = register.scan(&view, &all, &mut Scratch::default());
        for from in [6.0, 8.0, 10.0] {
            let found = register.search(&view, &Query { from, ..all }, &mut Scratch::default());
            let reach: Vec<Hit> = scanned.iter().copied().filter(|hit| hit.total >= from).collect();
            assert_eq!(found, reach, "{sought} from {from}");
        }
        let counts = |bearer: u32| bearer % 2 == 1;
        let found = register.search(&view, &Query { counts: Some(&counts), ..all }, &mut Scratch::default());
        assert!(found.iter().all(|hit| counts(hit.bearer)), "who does not count is not found");
    }
}

#[test]
fn what_is_said_in_two_ways_leads_to_either() {
    for (name, known) in [
        ("عثمان", "Othman"),
        ("عثمان", "Osman"),
        ("رضا", "Ridha"),
        ("رضا", "Reza"),
        ("مرتضى", "Murtada"),
        ("مرتضی", "Morteza"),
        ("حارث", "Harith"),
        ("حارث", "Haris"),
        ("کھوکھر", "Khokhar"),
        ("بھٹی", "Bhatti"),
    ] {
        let register = of(&[(1, &format!("{known} Korolenko")), (2, "Mari Tamm")]);
        assert_eq!(first(&register, name).map(|hit| hit.bearer), Some(1), "{name} {known}");
    }
}

#[test]
fn who_has_ended_keeps_nobody_from_being_found() {
    let mut builder = Builder::default();
    for number in 0..1_200_u32 {
        builder.add(number, &Name::read(&format!("Mohammed {}", FAMILIES[number as usize % 2]), Kind::Person));
    }
    builder.add(5_000, &Name::read("Mohammed Kask Przybyszewski", Kind::Person));
    let register = builder.settle();
    let view = register.view(&|_| true);
    let mut name = Name::read("Mohammed Kask Przybyszewski", Kind::Person);
    register.weigh(&view, &mut name);
    let mut scratch = Scratch::default();
    scratch.limits.room = 6;
    let ended = |bearer: u32| bearer != 5_000;
    let query = Query { counts: Some(&ended), ..Query::new(&name, Kind::Person, 3) };
    let found = register.search(&view, &query, &mut scratch);
    assert!(found.len() == 3 && found.iter().all(|hit| hit.bearer % 2 == 0), "Mohammed Kask: {found:?}");
}

#[test]
fn what_else_is_known_of_a_bearer_counts() {
    let register = register();
    let view = register.view(&|_| true);
    // Of a hundred bearers of one name, the one who was born on the day.
    let hits = with(&register, &view, "Mohammed al-Masri", 2, Some(&|bearer| if bearer == 1_115 { 4.0 } else { -2.0 }));
    assert_eq!(GIVEN[1_115 % 10].to_owned() + " " + FAMILIES[1_115 / 10 % 12], "Mohammed al-Masri");
    assert_eq!(hits.iter().map(|hit| hit.bearer).collect::<Vec<_>>(), [1_115, 35], "{hits:?}");
    assert!(hits.iter().zip([4.0, -2.0]).all(|(hit, also)| (hit.total - hit.points - also).abs() < 1e-5), "{hits:?}");
    // What is known decides among names that are nearly as likely.
    let hits = with(&register, &view, "Mari Kask", 1, Some(&|bearer| if bearer == 7 { 40.0 } else { 0.0 }));
    assert_eq!(hits.first().map(|hit| hit.bearer), Some(7), "Maria Kask is born on the day, no Mari Kask is");
}

#[test]
fn what_was_written_is_read_back() {
    let register = register();
    let written = bytes(&register);
    let back = Register::read(&written).unwrap();
    assert_eq!(bytes(&back), written);
    let names = ["Mohammed al-Masri", "Przybyszewsky", "Володимир Пшибишевський", "Marija Kask"];
    for name in names {
        assert_eq!(found(&back, &back.view(&|_| true), name, 9), found(&register, &register.view(&|_| true), name, 9));
    }
    assert!(Register::read(&bytes(&Register::default())).unwrap().is_empty());
}

#[test]
fn damage_is_told_and_nothing_falls_over() {
    let whole = bytes(&of(&[(1, "Mari Kask"), (2, "محمد المصري"), (2, "Завод 17")]));
    for length in 0..whole.len() {
        assert!(Register::read(&whole[..length]).is_err(), "{length} bytes");
    }
    let mut other = whole.clone();
    other[8] = 77;
    assert_eq!(Register::read(&other).unwrap_err(), Damaged::Version(77));
    for at in 12..whole.len() {
        let mut other = whole.clone();
        other[at] ^= 0x10;
        assert_eq!(Register::read(&other).unwrap_err(), Damaged::Sum, "byte {at}");
    }
    // With a sum that fits, what was changed is seen or does no harm: nothing is given room for that is not there.
    for at in 12..whole.len() - 8 {
        for to in [0, 1, 0x7f, 0xff] {
            let mut other = whole.clone();
            other[at] = to;
            if let Ok(register) = Register::read(&disk::summed(&other)) {
                let view = register.view(&|_| true);
                found(&register, &view, "Mari Kask", 5);
                found(&register, &view, "Mohamed el Masri", 5);
            }
        }
    }
}

#[test]
fn who_is_called_for_short_is_found_by_the_name_and_the_other_way_round() {
    let register =
        of(&[(1, "William Przybyszewski"), (2, "Саша Короленко"), (3, "Robert Przybyszewski"), (4, "Olena Tamm")]);
    for (name, bearer) in
        [("Bill Przybyszewski", 1), ("Aleksandr Korolenko", 2), ("Bob Przybyszewski", 3), ("Sasha Korolenko", 2)]
    {
        let found = first(&register, name).unwrap();
        assert_eq!(found.bearer, bearer, "{name}");
        assert!(found.points > 4.0, "{name} {}", found.points);
    }
    let alone = of(&[(1, "Alexander"), (2, "Sasha"), (3, "Aleksandra"), (4, "Bob")]);
    let whom = |name| {
        let mut all: Vec<u32> = found(&alone, &alone.view(&|_| true), name, 5).iter().map(|hit| hit.bearer).collect();
        all.sort_unstable();
        all
    };
    assert_eq!(whom("Shura"), [1, 2, 3], "it may be any of them");
}

#[test]
fn who_is_written_in_han_or_hangul_is_found_as_their_own_people_spell_them() {
    let names = [
        ("王小明", "Wang Xiaoming"),
        ("王芳", "WANG, Fang"),
        ("王岐山", "Wang Qishan"),
        ("欧阳修", "Ouyang Xiu"),
        ("习近平", "Xi Jinping"),
        ("张三", "Zhang San"),
        ("문재인", "Moon Jae-in"),
        ("王小明", "Ван Сяомин"),
    ];
    for (native, spelled) in names {
        for (one, other) in [(native, spelled), (spelled, native)] {
            let register = of(&[(1, one), (2, "Mari Kask"), (3, "李小龙"), (4, "Wang Wei")]);
            let first = found(&register, &register.view(&|_| true), other, 5).into_iter().next();
            let first = first.unwrap_or_else(|| panic!("{other} is not found by {one}"));
            assert_eq!(first.bearer, 1, "{one} {other}");
            assert!(first.points > 3.0, "{one} {other}: {}", first.points);
        }
    }
}

#[test]
fn how_names_are_read_has_not_changed_without_a_new_version() {
    let names = [
        (7, "Dr. Yekaterina SMIRNOVA"),
        (7, "Смирнова Екатерина"),
        (8, "محمد المصري"),
        (9, "ООО Завод № 5"),
        (10, "毛泽东"),
        (11, "山田太郎"),
    ];
    let mut builder = Builder::default();
    let readings = names
        .iter()
        .flat_map(|(bearer, text)| Name::readings(text, Kind::Person).into_iter().map(|name| (*bearer, name)));
    readings.for_each(|(bearer, name)| builder.add(bearer, &name));
    let written = bytes(&builder.settle());
    let sum = u64::from_le_bytes(*written.last_chunk().unwrap());
    assert_eq!(sum, SAMPLE, "count VERSION up in disk.rs, and write the new sum here");
}

#[test]
fn a_register_of_two_is_one_of_what_is_kept_of_both() {
    let large = of(&[(1, "Mari Kask"), (2, "Jaan Kask"), (2, "KASK, Jaan"), (3, "Mari Kask"), (4, "Xiulan Quan")]);
    let fresh = of(&[(2, "Jaan Tamm"), (5, "Mari Kask")]);
    let merged = Register::merged(&[(&large, &|bearer| bearer != 2 && bearer != 4), (&fresh, &|_| true)]);
    let anew = of(&[(1, "Mari Kask"), (2, "Jaan Tamm"), (3, "Mari Kask"), (5, "Mari Kask")]);
    assert_eq!(bytes(&merged), bytes(&anew));
    assert_eq!(merged.spellings(), 2);
}

#[test]
fn registers_beside_each_other_weigh_as_one() {
    let names =
        [(1, "Mari Kask"), (2, "Jaan Kask"), (3, "Mari Saar"), (4, "Xiulan Quan"), (5, "Mari Tamm"), (6, "Jaan Quan")];
    let (whole, large, fresh) = (of(&names), of(&names[..4]), of(&names[4..]));
    let sees = |bearer: u32| bearer != 3;
    let views = (large.view(&sees), fresh.view(&sees));
    let views =
        (large.view_beside(&views.0, &[(&fresh, &views.1)]), fresh.view_beside(&views.1, &[(&large, &views.0)]));
    let view = whole.view(&sees);
    for sought in ["Mari Kask", "Jan Kuan", "Mari"] {
        let (mut one, mut other) = (Name::read(sought, Kind::Person), Name::read(sought, Kind::Person));
        whole.weigh(&view, &mut one);
        Register::weigh_among(&[(&large, &views.0), (&fresh, &views.1)], &mut other);
        assert_eq!(one.weights, other.weights);
        let mut scratch = Scratch::default();
        let query = Query::new(&one, Kind::Person, 10);
        let mut both = large.scan(&views.0, &query, &mut scratch);
        both.extend(fresh.scan(&views.1, &query, &mut scratch));
        both.sort_by(|a, b| b.total.total_cmp(&a.total).then(a.bearer.cmp(&b.bearer)));
        assert_eq!(both, whole.scan(&view, &query, &mut scratch), "{sought}");
    }
}

fn bytes(register: &Register) -> Vec<u8> {
    let mut written = Vec::new();
    register.write(&mut written).unwrap();
    written
}

const SAMPLE: u64 = 2_335_039_373_330_364_859;

mod properties {
    use proptest::prelude::*;

    use super::gather::Limits;
    use super::*;

    /// Names of few parts, so that they meet.
    fn name() -> impl Strategy<Value = String> {
        let part = proptest::sample::select(vec![
            "Mari",
            "Maria",
            "MARI",
            "Marija",
            "Мария",
            "Mohammed",
            "Muhammad",
            "محمد",
            "al",
            "Kask",
            "Kaskk",
            "Kas",
            "Petrov",
            "Petrova",
            "Петров",
            "Przybyszewski",
            "Przybyszewsky",
            "Schmidt",
            "Schmitt",
            "Marikask",
            "J",
            "Ltd",
            "Zavod",
            "Plant",
            "17",
            "Saar",
            "Saarsoo",
            "Abdulrahman",
            "李",
            "Quan",
        ]);
        proptest::collection::vec(part, 1..5).prop_map(|parts| parts.join(" "))
    }

    fn names() -> impl Strategy<Value = Vec<(u32, String)>> {
        proptest::collection::vec((0_u32..40, name()), 0..120)
    }

    fn of<'n>(names: impl IntoIterator<Item = &'n (u32, String)>) -> Register {
        let mut builder = Builder::default();
        for (bearer, name) in names {
            builder.add(*bearer, &Name::read(name, Kind::Person));
        }
        builder.settle()
    }

    proptest! {
        #[test]
        fn a_view_is_as_if_nothing_else_were_there(
            names in names(), sought in proptest::collection::vec(name(), 1..6), hidden in any::<u64>(), most in 1_usize..12,
            is_narrow in any::<bool>(), from in -4.0_f32..9.0,
        ) {
            let sees = |bearer: u32| hidden >> bearer & 1 == 0;
            let (whole, alone) = (of(&names), of(names.iter().filter(|(bearer, _)| sees(*bearer))));
            let views = (whole.view(&sees), alone.view(&|_| true));
            // With so little room that what is hidden would crowd out what is seen, if it counted.
            let limits = Limits { room: 6, most: 20, closer: 9, compared: 4 };
            let scratch = || {
                let mut scratch = Scratch::default();
                if is_narrow {
                    scratch.limits = limits;
                }
                scratch
            };
            let mut scratches = (scratch(), scratch());
            let also = |bearer: u32| { assert!(sees(bearer)); (bearer % 5) as f32 };
            for sought in &sought {
                for kind in [Kind::Person, Kind::Organisation] {
                    let (mut one, mut other) = (Name::read(sought, Kind::Person), Name::read(sought, Kind::Person));
                    whole.weigh(&views.0, &mut one);
                    alone.weigh(&views.1, &mut other);
                    let also = Also { points: &also, most: 4.0 };
                    let query = Query { also: Some(also), from, ..Query::new(&one, kind, most) };
                    let there = whole.search(&views.0, &query, &mut scratches.0);
                    let query = Query { name: &other, ..query };
                    prop_assert_eq!(&there, &alone.search(&views.1, &query, &mut scratches.1));
                    prop_assert_eq!(whole.scan(&views.0, &query, &mut scratches.0), alone.scan(&views.1, &query, &mut scratches.1));
                }
            }
        }

        #[test]
        fn a_scan_has_the_points_of_comparing_each(names in names(), sought in name()) {
            let register = of(&names);
            let view = register.view(&|bearer| bearer % 3 != 0);
            let mut name = Name::read(&sought, Kind::Person);
            register.weigh(&view, &mut name);
            for kind in [Kind::Person, Kind::Organisation] {
                let query = Query::new(&name, kind, 1);
                let best = register.all(&view).map(|other| points(&name, &other, kind)).reduce(f32::max);
                let found = register.scan(&view, &query, &mut Scratch::default()).first().map(|hit| hit.points);
                prop_assert_eq!(found, best);
            }
        }

        #[test]
        fn what_is_merged_is_as_if_built_anew(names in names(), hidden in any::<u64>()) {
            let keeps = |bearer: u32| hidden >> bearer & 1 == 0;
            let (one, other): (Vec<_>, Vec<_>) = names.iter().cloned().partition(|(bearer, _)| bearer % 2 == 0);
            let merged = Register::merged(&[(&of(&one), &keeps), (&of(&other), &keeps)]);
            let anew = of(names.iter().filter(|(bearer, _)| keeps(*bearer)));
            prop_assert_eq!(bytes(&merged), bytes(&anew));
            prop_assert_eq!(bytes(&Register::read(&bytes(&anew)).unwrap()), bytes(&anew));
        }
    }
}
