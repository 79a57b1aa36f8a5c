//! Introspection, and that the definitions it hands out are those that are dispatched.

use natrium_varlink::{Interface, SERVICE};
use serde_json::json;

use crate::harness::Running;
use crate::store::STORE;

#[tokio::test]
async fn get_info_says_what_it_is_and_speaks() {
    let running = Running::new();
    let info = running.raw().await.ask(&json!({ "method": "org.varlink.service.GetInfo" })).await;
    let interfaces = ["org.varlink.service", "org.example.Store"];
    let expected = json!({ "vendor": "Example", "product": "store", "version": "1.2.3", "url": "https://example.org",
        "interfaces": interfaces });
    assert_eq!(info, json!({ "parameters": expected }));
}

#[tokio::test]
async fn descriptions_are_the_definition_files() {
    let running = Running::new();
    let mut raw = running.raw().await;
    let describe =
        |parameters| json!({ "method": "org.varlink.service.GetInterfaceDescription", "parameters": parameters });
    for interface in [&SERVICE, &STORE] {
        let reply = raw.ask(&describe(json!({ "interface": interface.name }))).await;
        assert_eq!(reply, json!({ "parameters": { "description": interface.description } }));
    }
    let unknown = raw.ask(&describe(json!({ "interface": "org.example.Shop" }))).await;
    assert_eq!(unknown["error"], "org.varlink.service.InterfaceNotFound");
    assert_eq!(unknown["parameters"], json!({ "interface": "org.example.Shop" }));
    for parameters in [json!({}), json!({ "interface": 7 })] {
        let invalid = raw.ask(&describe(parameters)).await;
        assert_eq!(invalid["error"], "org.varlink.service.InvalidParameter");
        assert_eq!(invalid["parameters"], json!({ "parameter": "interface" }));
    }
}

#[tokio::test]
async fn every_method_of_every_definition_is_dispatched_and_no_other() {
    let running = Running::new();
    for interface in [&SERVICE, &STORE] {
        let defined = methods(interface);
        assert_eq!(defined, interface.methods, "definition and table");
        for method in defined {
            // Ill-typed on purpose: found, but not executed where there is anything to execute.
            let call = json!({ "method": format!("{}.{method}", interface.name), "parameters": 7, "more": true });
            let mut raw = running.raw().await;
            raw.send(&call).await;
            if let Some(reply) = raw.receive().await {
                assert_ne!(reply["error"], "org.varlink.service.MethodNotFound", "{method}");
                assert_ne!(reply["error"], "org.varlink.service.MethodNotImplemented", "{method}");
            }
        }
    }
}

#[test]
fn the_errors_of_the_definition_are_those_of_the_type() {
    let definition = zlink_idl::Interface::try_from(SERVICE.description).unwrap();
    for error in definition.errors() {
        // Each must be known to the type by this name and with these parameters.
        let parameters: serde_json::Map<_, _> =
            error.fields().map(|field| (field.name().to_string(), json!("x"))).collect();
        let message = json!({ "error": format!("org.varlink.service.{}", error.name()), "parameters": parameters });
        let typed: natrium_varlink::ServiceError = serde_json::from_value(message.clone()).unwrap();
        assert_eq!(serde_json::to_value(&typed).unwrap(), message);
    }
    assert_eq!(definition.errors().count(), 6);
}

fn methods(interface: &Interface) -> Vec<String> {
    let definition = zlink_idl::Interface::try_from(interface.description).unwrap();
    assert_eq!(definition.name(), interface.name);
    definition.methods().map(|method| method.name().to_string()).collect()
}
