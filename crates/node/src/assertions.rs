use comity_stix::ObjectId;
use uuid::Uuid;

use crate::intake::{Input, IntakeOptions, IntakeReport};
use crate::{Act, Ctx, Node, NodeError, Source};

/// The namespace of the ids that assertions get: the same statement by the same owner is one object.
const NAMESPACE: Uuid = Uuid::from_u128(0x3f6c_1d1c_6f0e_5f0e_9b7e_2d6c_0a5f_4b20);

/// Somebody's statement that two objects are about the same thing. It is an object like any other:
/// it has an owner and a reason, nothing is merged, and undoing its batch takes it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SameAs {
    /// One object.
    pub one: ObjectId,
    /// The other.
    pub other: ObjectId,
    /// Why, in the words of who says so.
    pub because: String,
}

impl Node {
    /// Records that two objects are about the same thing.
    ///
    /// # Errors
    /// When one of them is unknown here, both are the same, no reason is given, or the intake fails.
    pub fn assert_same(
        &self,
        ctx: &Ctx,
        source: &Source,
        same: &SameAs,
        options: &IntakeOptions<'_>,
    ) -> Result<IntakeReport, NodeError> {
        self.may(ctx, Act::SameAs, serde_json::json!({"objects": [same.one.to_string(), same.other.to_string()]}))?;
        if same.one == same.other {
            return Err(NodeError::Refused(format!("{} is the same as itself; name two objects", same.one)));
        }
        if same.because.trim().is_empty() {
            return Err(NodeError::Refused(
                "a statement that two things are the same needs a reason; give it with --because".into(),
            ));
        }
        for id in [&same.one, &same.other] {
            self.sees(ctx, id)?;
        }
        let json = same_as_json(ctx, source, same);
        let input = Input { name: "same-as".into(), reader: Box::new(std::io::Cursor::new(json.into_bytes())) };
        self.intake(ctx, source, &mut std::iter::once(Ok(input)), options)
    }
}

fn same_as_json(ctx: &Ctx, source: &Source, same: &SameAs) -> String {
    let (first, second) = if same.one < same.other { (&same.one, &same.other) } else { (&same.other, &same.one) };
    let id = Uuid::new_v5(&NAMESPACE, format!("{} same-as {first} {second}", source.name).as_bytes());
    let now = ctx.now();
    let mut object = serde_json::json!({
        "type": "relationship",
        "spec_version": "2.1",
        "id": format!("relationship--{id}"),
        "created": now,
        "modified": now,
        "relationship_type": "same-as",
        "source_ref": first,
        "target_ref": second,
        "description": same.because,
    });
    let markings = source.defaults.marking_refs();
    if let Some(members) = object.as_object_mut().filter(|_| !markings.is_empty()) {
        members.insert("object_marking_refs".into(), serde_json::json!(markings));
    }
    object.to_string()
}
