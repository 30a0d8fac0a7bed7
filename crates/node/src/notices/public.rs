use comity_base::Timestamp;
use comity_law::notice::{Birth, Colour, Facts, Notice, Sex};
use serde::Serialize;

use super::file::{File, NoticeNo, key};
use crate::{Ctx, Node, NodeError};

/// What the public is told of a notice whose source wishes it, and nothing more. Its members are called as in the
/// public notices of the existing system, whose readers need not change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicNotice {
    /// Its number.
    pub entity_id: NoticeNo,
    /// Its colour.
    pub colour: &'static str,
    /// The family name.
    pub name: Option<String>,
    /// The forenames.
    pub forename: Option<String>,
    /// `YYYY/MM/DD`, or less where less is known.
    pub date_of_birth: Option<String>,
    /// `F`, `M`, or `U` where it is not known.
    pub sex_id: &'static str,
    /// ISO 3166-1 alpha-2.
    pub nationalities: Vec<String>,
    /// What the person looks like.
    pub distinguishing_marks: Option<String>,
    /// What the person is wanted for, and by whom.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arrest_warrants: Vec<PublicWarrant>,
    /// Of whoever is missing: when, where, and who the parents are.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub missing: Option<PublicMissing>,
    /// Until when it is in force.
    pub valid_until: Timestamp,
}

/// What somebody is wanted for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicWarrant {
    /// ISO 3166-1 alpha-2 of whoever asks.
    pub issuing_country_id: Option<String>,
    /// In the words of its source.
    pub charge: String,
}

/// How somebody came to be missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicMissing {
    /// When.
    pub date_of_event: Option<String>,
    /// Where.
    pub place: Option<String>,
    /// The father's name.
    pub father_forename: Option<String>,
    /// The mother's name.
    pub mother_forename: Option<String>,
}

impl Node {
    /// The notices of this organisation that anybody may read about: in force now, and released with an extract. What is
    /// suspended, withdrawn or over is not among them from that moment on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn public_notices(&self, ctx: &Ctx) -> Result<Vec<PublicNotice>, NodeError> {
        let (now, country) = (ctx.now(), self.ourselves()?.country.as_deref());
        Ok(self.notice_files(ctx)?.iter().filter_map(|file| public(file, now, country)).collect())
    }

    /// One of them; none where there is none of this number that anybody may read about.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn public_notice(&self, ctx: &Ctx, no: NoticeNo) -> Result<Option<PublicNotice>, NodeError> {
        let country = self.ourselves()?.country.as_deref();
        let file: Option<File> = self.setting(&key(no))?;
        Ok(file.and_then(|file| public(&file, ctx.now(), country)))
    }
}

fn public(file: &File, now: Timestamp, country: Option<&str>) -> Option<PublicNotice> {
    file.lifecycle(now).in_force(now).filter(|out| out.extract)?;
    let notice = Notice::read(file.released.as_ref()?.notice.as_bytes()).ok()?;
    let facts = notice.facts.for_the_public(notice.colour);
    let Facts { identity: who, offence, event_date, event_place, .. } = facts;
    let charge = offence.charge.filter(|_| notice.colour == Colour::Red);
    let warrant = |charge| PublicWarrant { issuing_country_id: country.map(str::to_owned), charge };
    let missing = (notice.colour == Colour::Yellow).then_some(PublicMissing {
        date_of_event: event_date,
        place: event_place,
        father_forename: who.father,
        mother_forename: who.mother,
    });
    Some(PublicNotice {
        entity_id: file.no,
        colour: notice.colour.name(),
        name: who.family_name,
        forename: who.forename,
        date_of_birth: who.birth.map(written),
        sex_id: who.sex.map_or("U", sex),
        nationalities: who.nationalities.iter().map(ToString::to_string).collect(),
        distinguishing_marks: who.description,
        arrest_warrants: charge.map(warrant).into_iter().collect(),
        missing,
        valid_until: notice.valid_until,
    })
}

fn written(birth: Birth) -> String {
    match (birth.month, birth.day) {
        (Some(month), Some(day)) => format!("{:04}/{month:02}/{day:02}", birth.year),
        (Some(month), None) => format!("{:04}/{month:02}", birth.year),
        _ => format!("{:04}", birth.year),
    }
}

fn sex(sex: Sex) -> &'static str {
    match sex.name() {
        "female" => "F",
        "male" => "M",
        _ => "U",
    }
}
