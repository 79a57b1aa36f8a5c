//! `org.varlink.service`: what a server says about itself.

use serde::{Deserialize, Serialize};

use crate::{Call, CallEnd, Interface, Product, Replier, ServiceError};

/// `org.varlink.service`, which every server offers by itself.
pub const SERVICE: Interface = Interface {
    name: "org.varlink.service",
    description: include_str!("org.varlink.service.varlink"),
    methods: &["GetInfo", "GetInterfaceDescription"],
};

#[derive(Serialize)]
struct Info<'a> {
    vendor: &'a str,
    product: &'a str,
    version: &'a str,
    url: &'a str,
    interfaces: Vec<&'a str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GetInterfaceDescription {
    interface: String,
}

#[derive(Serialize)]
struct Description<'a> {
    description: &'a str,
}

/// Answers one call of `org.varlink.service`. `interfaces` are all but that one.
pub(crate) async fn answer(
    product: &Product,
    interfaces: impl Iterator<Item = &'static Interface> + Send,
    call: &Call,
    replier: &mut Replier,
) -> Result<(), CallEnd> {
    let mut all = std::iter::once(&SERVICE).chain(interfaces);
    match call.method() {
        "GetInfo" => {
            let Product { vendor, product, version, url } = product;
            replier
                .reply(&Info {
                    vendor,
                    product,
                    version,
                    url,
                    interfaces: all.map(|interface| interface.name).collect(),
                })
                .await
        }
        "GetInterfaceDescription" => {
            let GetInterfaceDescription { interface } = call.parameters()?;
            match all.find(|offered| offered.name == interface) {
                Some(Interface { description, .. }) => replier.reply(&Description { description }).await,
                None => Err(ServiceError::InterfaceNotFound { interface }.into()),
            }
        }
        _ => Err(ServiceError::MethodNotFound { method: call.full_method().to_owned() }.into()),
    }
}
