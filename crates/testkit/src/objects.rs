use std::io::{self, Write};

use crate::Random;

/// An endless, seeded stream of STIX 2.1 objects as feeds carry them: indicators with patterns,
/// observables, relationships, malware and reports, about 750 bytes each on average.
///
/// Ids, hashes and most values are fresh; about one value in fifty is drawn from a small pool and so
/// is shared between objects, as in real feeds.
#[derive(Clone, Debug)]
pub struct Objects {
    random: Random,
    recent: Vec<String>,
    minute: u64,
}

impl Objects {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let malware = (0..8).map(|_| format!("malware--{}", random.uuid())).collect();
        Self { random, recent: malware, minute: 0 }
    }

    fn time(&mut self) -> String {
        self.minute += 1;
        let (day, rest) = (self.minute / 1440, self.minute % 1440);
        let (month, day) = (1 + day / 28 % 12, 1 + day % 28);
        let milli = self.random.below(1000);
        format!("2026-{month:02}-{day:02}T{:02}:{:02}:{:02}.{milli:03}Z", rest / 60, rest % 60, milli % 60)
    }

    fn address(&mut self) -> String {
        if self.random.below(50) == 0 {
            return format!("45.83.{}.{}", self.random.below(4), self.random.below(64));
        }
        let bits = self.random.bits();
        format!("{}.{}.{}.{}", 11 + bits % 200, bits >> 8 & 255, bits >> 16 & 255, bits >> 24 & 255)
    }

    fn host(&mut self) -> String {
        let word = self.random.pick(&["secure", "login", "update", "cdn", "mail", "account", "static", "portal"]);
        let end = self.random.pick(&["com", "net", "org", "info", "ee", "ru", "top", "co.uk"]);
        let tail = 4 + usize::try_from(self.random.below(8)).unwrap_or(0);
        format!("{word}-{}.{end}", self.random.hex(tail))
    }

    fn indicator(&mut self) -> String {
        let (pattern, what) = match self.random.below(5) {
            0 => (format!("[ipv4-addr:value = '{}']", self.address()), "command and control address"),
            1 => (format!("[domain-name:value = '{}']", self.host()), "domain that serves the loader"),
            2 => (format!("[url:value = 'https://{}/{}/gate.php']", self.host(), self.random.hex(8)), "gate address"),
            3 => (format!("[file:hashes.'SHA-256' = '{}']", self.random.hex(64)), "loader sample"),
            _ => {
                let (md5, sha1) = (self.random.hex(32), self.random.hex(40));
                (format!("[file:hashes.MD5 = '{md5}' OR file:hashes.'SHA-1' = '{sha1}']"), "second stage sample")
            }
        };
        let (id, made, valid) = (self.random.uuid(), self.time(), self.time());
        let family = self.random.pick(&["Emotet", "Qakbot", "IcedID", "Remcos", "LockBit", "Akira", "Gamaredon"]);
        let tactic = self.random.pick(&["delivery", "command-and-control", "exploitation", "actions-on-objectives"]);
        let confidence = 30 + self.random.below(70);
        let campaign = self.random.below(900);
        format!(
            r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--{id}","created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","created":"{made}","modified":"{made}","name":"{family} {what}","description":"Seen while following {family} activity of campaign {campaign}; the sample contacted this {what} within a minute of execution.","indicator_types":["malicious-activity"],"pattern":"{pattern}","pattern_type":"stix","pattern_version":"2.1","valid_from":"{valid}","confidence":{confidence},"labels":["{family}","campaign-{campaign}"],"kill_chain_phases":[{{"kill_chain_name":"lockheed-martin-cyber-kill-chain","phase_name":"{tactic}"}}],"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}}"#
        )
    }

    fn relationship(&mut self) -> String {
        let (id, made) = (self.random.uuid(), self.time());
        let source = format!("indicator--{}", self.random.uuid());
        let target = self.random.pick(&self.recent).clone();
        let score = self.random.below(100);
        format!(
            r#"{{"type":"relationship","spec_version":"2.1","id":"relationship--{id}","created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","created":"{made}","modified":"{made}","relationship_type":"indicates","source_ref":"{source}","target_ref":"{target}","description":"Code similarity of {score} percent between the samples seen here and the known family, and the same configuration layout.","confidence":{score},"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}}"#
        )
    }

    fn file(&mut self) -> String {
        let (id, md5, sha1, sha256) =
            (self.random.uuid(), self.random.hex(32), self.random.hex(40), self.random.hex(64));
        let size = 10_000 + self.random.below(4_000_000);
        let name =
            format!("{}_{}.exe", self.random.pick(&["invoice", "scan", "document", "setup"]), self.random.hex(6));
        format!(
            r#"{{"type":"file","spec_version":"2.1","id":"file--{id}","hashes":{{"MD5":"{md5}","SHA-1":"{sha1}","SHA-256":"{sha256}"}},"size":{size},"name":"{name}","mime_type":"application/vnd.microsoft.portable-executable","extensions":{{"windows-pebinary-ext":{{"pe_type":"exe","machine_hex":"014c","number_of_sections":5,"characteristics_hex":"0102"}}}},"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}}"#
        )
    }

    fn malware(&mut self) -> String {
        let (uuid, made) = (self.random.uuid(), self.time());
        let id = format!("malware--{uuid}");
        let name = format!("{}-{}", self.random.pick(&["Loader", "Stealer", "Locker", "Agent"]), self.random.hex(5));
        let place = usize::try_from(self.random.below(self.recent.len() as u64)).unwrap_or(0);
        if let Some(slot) = self.recent.get_mut(place) {
            slot.clone_from(&id);
        }
        format!(
            r#"{{"type":"malware","spec_version":"2.1","id":"{id}","created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","created":"{made}","modified":"{made}","name":"{name}","description":"A modular family that is delivered by e-mail, keeps itself alive through a scheduled task, collects credentials of browsers and mail programs, and fetches further modules over HTTPS from compromised web sites. Later stages move through the network with stolen administrator tokens and end with the encryption of file servers.","malware_types":["trojan","downloader"],"is_family":true,"kill_chain_phases":[{{"kill_chain_name":"mitre-attack","phase_name":"persistence"}}],"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}}"#
        )
    }

    fn report(&mut self) -> String {
        let (id, made) = (self.random.uuid(), self.time());
        let refs: Vec<String> = (0..6).map(|_| format!("\"indicator--{}\"", self.random.uuid())).collect();
        let target = self.random.pick(&self.recent).clone();
        let day = self.random.below(28) + 1;
        format!(
            r#"{{"type":"report","spec_version":"2.1","id":"report--{id}","created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","created":"{made}","modified":"{made}","name":"Weekly activity {day}","description":"What was seen this week: new delivery addresses, samples, and the infrastructure behind them.","report_types":["threat-report"],"published":"{made}","object_refs":[{},"{target}"],"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}}"#,
            refs.join(",")
        )
    }
}

impl Iterator for Objects {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        Some(match self.random.below(100) {
            0..55 => self.indicator(),
            55..75 => self.relationship(),
            75..92 => self.file(),
            92..97 => self.malware(),
            _ => self.report(),
        })
    }
}

/// Writes a bundle of the first `count` objects of a seed; returns the bytes written.
///
/// # Errors
/// When writing fails.
pub fn bundle(seed: u64, count: usize, out: &mut dyn Write) -> io::Result<u64> {
    let mut bytes = 0;
    let mut put = |text: &str| -> io::Result<()> {
        bytes += text.len() as u64;
        out.write_all(text.as_bytes())
    };
    put(r#"{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":["#)?;
    for (index, object) in Objects::new(seed).take(count).enumerate() {
        put(if index == 0 { "\n" } else { ",\n" })?;
        put(&object)?;
    }
    put("\n]}\n")?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use comity_stix::Doc;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_readable_world_of_the_stated_size() {
        let first: Vec<String> = Objects::new(7).take(2_000).collect();
        assert!(first.iter().eq(Objects::new(7).take(2_000).collect::<Vec<_>>().iter()));
        for object in &first {
            Doc::parse(object.as_bytes(), 32).unwrap();
        }
        let mean = first.iter().map(String::len).sum::<usize>() / first.len();
        assert!((700..800).contains(&mean), "{mean}");
    }
}
