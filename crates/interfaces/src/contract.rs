//! Holds an interface file, its Rust types and its dispatch together (tests only).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use zlink_idl::{CustomType, Interface, Type};

/// Passes a message through its Rust type and back.
pub(crate) type Through = fn(&Value) -> Result<Value, serde_json::Error>;

/// The messages of one method.
pub(crate) struct Messages {
    pub(crate) call: Through,
    pub(crate) reply: Through,
}

/// A [`Through`] for one type.
pub(crate) fn through<T: Serialize + DeserializeOwned>(message: &Value) -> Result<Value, serde_json::Error> {
    serde_json::to_value(serde_json::from_value::<T>(message.clone())?)
}

/// Checks every message that the definition allows: full, and with all that is optional left out.
pub(crate) fn check(interface: &varlink::Interface, methods: &[(&str, Messages)], errors: Through) {
    let definition = Interface::try_from(interface.description).unwrap();
    assert_eq!(definition.name().to_string(), interface.name);
    let custom: BTreeMap<String, &CustomType<'_>> =
        definition.custom_types().map(|t| (t.name().to_string(), t)).collect();

    let mut named: Vec<_> = definition.methods().map(|m| m.name().to_string()).collect();
    let mut dispatched: Vec<_> = interface.methods.iter().map(ToString::to_string).collect();
    named.sort();
    dispatched.sort();
    assert_eq!(named, dispatched, "{}: methods in the file and methods dispatched", interface.name);

    for full in [true, false] {
        for method in definition.methods() {
            let name = method.name().to_string();
            let (_, messages) = methods.iter().find(|(known, _)| *known == name).unwrap();
            let place = format!("{}.{}", interface.name, method.name());
            let inputs = method.inputs().map(|p| (p.name().to_string(), p.ty()));
            same(&place, &sample(inputs, &custom, full), messages.call);
            let outputs = method.outputs().map(|p| (p.name().to_string(), p.ty()));
            same(&place, &sample(outputs, &custom, full), messages.reply);
        }
        for error in definition.errors() {
            let name = format!("{}.{}", interface.name, error.name());
            let fields = error.fields().map(|f| (f.name().to_string(), f.ty()));
            let parameters = sample(fields, &custom, full);
            same(&name, &json!({ "error": name, "parameters": parameters }), errors);
        }
    }
}

fn same(place: &str, message: &Value, through: Through) {
    match through(message) {
        Ok(back) => assert_eq!(&back, message, "{place}: the type and the definition differ"),
        Err(error) => panic!("{place}: {error} in {message}"),
    }
}

fn sample<'a>(
    fields: impl Iterator<Item = (String, &'a Type<'a>)>,
    custom: &BTreeMap<String, &CustomType<'_>>,
    full: bool,
) -> Value {
    let mut object = Map::new();
    for (name, ty) in fields {
        if full || !matches!(ty, Type::Optional(_)) {
            object.insert(name, value(ty, custom, full));
        }
    }
    Value::Object(object)
}

fn value(ty: &Type<'_>, custom: &BTreeMap<String, &CustomType<'_>>, full: bool) -> Value {
    match ty {
        Type::Bool => json!(true),
        Type::Int => json!(7),
        Type::Float => json!(0.5),
        Type::String => json!("text"),
        Type::ForeignObject => json!({ "any": ["thing", 1] }),
        Type::Optional(inner) => value(inner.inner(), custom, full),
        Type::Array(inner) => json!([value(inner.inner(), custom, full)]),
        Type::Map(inner) => json!({ "key": value(inner.inner(), custom, full) }),
        Type::Custom(name) => match custom[&name.to_string()] {
            CustomType::Object(object) => sample(object.fields().map(|f| (f.name().to_string(), f.ty())), custom, full),
            // Full samples bear the last variant, the others the first.
            CustomType::Enum(variants) => {
                let names: Vec<_> = variants.variants().map(|v| v.name().to_string()).collect();
                json!(if full { names.last() } else { names.first() })
            }
        },
        other => panic!("no sample for {other:?}"),
    }
}
