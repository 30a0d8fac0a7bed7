//! How fast it is decided whether somebody may do something: asked before, asked for the first time, and refused with
//! the reasons in words. One JSON line per figure, each the median of several runs, in processor time.

use std::hint::black_box;

use comity_base::OrgName;
use comity_policy::access::{About, Access, Act, Asking, Authority, Reasoned, Role, Roles};
use comity_stix::Label;
use comity_stix::label::Need;

const RUNS: usize = 7;

fn main() {
    let everybody = authorities();
    let questions = everybody.len() * Act::ALL.len();
    let cold = median(|| {
        let access = access();
        let start = busy();
        let allowed = each(&everybody, |asking| access.may(asking).is_ok());
        black_box(allowed);
        (busy() - start) / questions as f64
    });
    report("authorisation_cold", "us", cold * 1e6, "50");

    // What one node asks again and again: a few roles, every act.
    let (access, usual) = (access(), everybody.get(..16).unwrap_or_default());
    let allowed: Vec<Asking<'_>> = usual.iter().flat_map(asking).filter(|asking| access.may(asking).is_ok()).collect();
    let refused: Vec<Asking<'_>> = usual.iter().flat_map(asking).filter(|asking| access.may(asking).is_err()).collect();
    for (figure, questions, target) in
        [("authorisation_cached", &allowed, "5"), ("refusal_with_reasons", &refused, "null")]
    {
        let rounds = 200_000 / questions.len().max(1) + 1;
        let time = median(|| {
            let start = busy();
            for asking in std::iter::repeat_n(questions, rounds).flatten() {
                drop(black_box(access.may(black_box(asking))));
            }
            (busy() - start) / (rounds * questions.len()) as f64
        });
        report(figure, "us", time * 1e6, target);
    }

    let (label, somebody) = (label(), usual.last());
    let time = median(|| {
        let start = busy();
        for _ in 0..1_000_000 {
            black_box(somebody.map(|authority| black_box(authority).meets(black_box(&label))));
        }
        (busy() - start) / 1e6
    });
    report("need_to_know_of_a_label", "us", time * 1e6, "5");
}

/// Every set of people's roles.
fn authorities() -> Vec<Authority> {
    let of = |bits: usize| -> Roles {
        Role::OF_PEOPLE.iter().enumerate().filter(|(at, _)| bits & 1 << at != 0).map(|(_, role)| *role).collect()
    };
    let units = (0..8).map(|n| format!("unit {n}")).collect();
    let everybody = Authority { active: true, units, ..Authority::nobody() };
    (0..1 << Role::OF_PEOPLE.len()).map(|bits| Authority { roles: of(bits), ..everybody.clone() }).collect()
}

fn asking(authority: &Authority) -> impl Iterator<Item = Asking<'_>> {
    Act::ALL.iter().map(move |act| Asking {
        account: "mari",
        authority,
        act: *act,
        about: About::default(),
        purpose: Reasoned::Investigation,
        case_missing: false,
        reason_missing: false,
    })
}

fn each(everybody: &[Authority], ask: impl Fn(&Asking<'_>) -> bool) -> usize {
    everybody.iter().flat_map(asking).filter(|asking| ask(asking)).count()
}

fn label() -> Label {
    let Ok(owner) = OrgName::parse("ee") else { std::process::exit(1) };
    let mut label = Label::defaults(owner);
    label.need = ["unit:unit 3", "unit:unit 7"].iter().filter_map(|need| Need::parse(need).ok()).collect();
    label
}

fn access() -> Access {
    Access::new().unwrap_or_else(|error| {
        eprintln!("{error}");
        std::process::exit(1)
    })
}

fn report(figure: &str, unit: &str, value: f64, target: &str) {
    println!(r#"{{"figure":"{figure}","value":{value:.4},"unit":"{unit}","target":{target},"better":"lower"}}"#);
}

/// Processor seconds this thread has used; 0 where the system does not tell.
fn busy() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    told.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

fn median(mut run: impl FnMut() -> f64) -> f64 {
    let mut times: Vec<f64> = (0..RUNS).map(|_| run()).collect();
    times.sort_by(f64::total_cmp);
    times.get(RUNS / 2).copied().unwrap_or_default()
}
