use super::*;
use crate::{Onward, PolicyError};

const ABROAD: &str = r#"
// Data about victims does not leave the country without a judge.
@id("victims-abroad")
@sentence("{owner}: data about victims stays in the country, and {recipient} is abroad.")
forbid (principal, action, resource)
when { resource.personal.contains(Category::"victim") }
unless { principal has country && principal.country == "EE" };

@id("lab-by-hand")
@sentence("Nothing goes to {recipient} by hand.")
forbid (principal == Organisation::"lab-north", action == Action::"export", resource);

@id("latvian-data")
@sentence("Data of {owner} is not passed on to those outside e5.")
forbid (principal, action, resource)
when { resource.owner has country && resource.owner.country == "LV" }
unless { principal.groups.contains("e5") };
"#;

fn refused(text: &str) -> String {
    let error = Policy::new().unwrap().with_local(text).unwrap_err();
    assert!(matches!(error, PolicyError::Rules { .. }), "{error}");
    error.to_string()
}

#[test]
fn local_rules_narrow_by_who_and_what() {
    let policy = Policy::new().unwrap().with_local(ABROAD).unwrap();
    let holder = org("ee-police");
    let now = at("2027-06-15T00:00:00Z");
    let (fi, lab) = (recipient("fi-police", Some("FI"), &["E5"]), recipient("lab-north", None, &[]));
    let ask = |who, label: &Label| {
        let asker = policy.asker(&Ask::export(who, &holder, None, now));
        let verdict = asker.explain(label);
        assert_eq!(asker.admits(label), verdict.admitted);
        assert_eq!(asker.admits(label), verdict.admitted, "asked again");
        lines(&verdict).join(" | ")
    };
    let (plain, victim) = (label(r#""tlp":"green""#), label(r#""tlp":"green","personal":["victim"]"#));
    assert_eq!(ask(&fi, &plain), "tlp-green: TLP:GREEN may be shown to the community.");
    assert_eq!(
        ask(&fi, &victim),
        "local:victims-abroad: ee-police: data about victims stays in the country, and fi-police is abroad."
    );
    assert_eq!(ask(&lab, &plain), "local:lab-by-hand: Nothing goes to lab-north by hand.");
    let red = label(r#""tlp":"red","personal":["victim"]"#);
    assert!(
        ask(&fi, &red).starts_with("tlp-red: ") && ask(&fi, &red).contains(" | local:victims-abroad"),
        "both are told"
    );
}

#[test]
fn local_rules_see_the_owner() {
    let policy = Policy::new().unwrap().with_local(ABROAD).unwrap();
    let latvian = label(r#""owner":"lv-police","tlp":"green""#);
    let mut question = Question::finnish();
    question.agreement.as_mut().unwrap().0.flows[0].countries = None;
    question.grants =
        grants(|_| OwnerGrant { kind: OrgKind::Member, country: Some("lv".into()), onward: Onward::Label });
    assert!(question.asker(&policy).admits(&latvian));
    question.recipient.groups.clear();
    let verdict = question.asker(&policy).explain(&latvian);
    assert_eq!(lines(&verdict), ["local:latvian-data: Data of lv-police is not passed on to those outside e5."]);
}

#[test]
fn what_could_widen_or_mean_nothing_is_refused() {
    let permits = refused(r#"@id("a") @sentence("x") permit (principal, action, resource);"#);
    assert!(permits.contains("may only forbid"), "{permits}");
    let typo = refused(
        "\n\n@id(\"a\") @sentence(\"x\")\nforbid (principal, action, resource) when { context.label.tpl == Tlp::\"red\" };",
    );
    assert!(typo.starts_with("local: line 4: ") && typo.contains("tpl"), "{typo}");
    let word = refused(
        r#"@id("a") @sentence("x") forbid (principal, action, resource) when { context.label.tlp == Tlp::"purple" };"#,
    );
    assert!(word.contains("purple"), "{word}");
    let unsafe_optional =
        refused(r#"@id("a") @sentence("x") forbid (principal, action, resource) when { principal.country == "EE" };"#);
    assert!(unsafe_optional.contains("country"), "{unsafe_optional}");
    let syntax = refused("\nforbid (principal, action, resource");
    assert!(syntax.starts_with("local: line 2: "), "{syntax}");
    assert!(refused(r#"@sentence("x") forbid (principal, action, resource);"#).contains("no @id"));
    assert!(refused(r#"@id("a") forbid (principal, action, resource);"#).contains("no @sentence"));
    assert!(refused(r#"@id("a") @sentence("{who}") forbid (principal, action, resource);"#).contains("{recipient}"));
    assert!(refused(r#"@id("A b") @sentence("x") forbid (principal, action, resource);"#).contains("lower-case"));
    let twice = r#"@id("a") @sentence("x") forbid (principal, action, resource);"#.repeat(2);
    assert!(refused(&twice).contains("has this id"));
    let template = refused(r#"@id("a") @sentence("x") forbid (principal == ?principal, action, resource);"#);
    assert!(template.contains("template"), "{template}");
    assert!(Policy::new().unwrap().with_local("// nothing\n").is_ok());
}
