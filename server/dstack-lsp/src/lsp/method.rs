//! Names of methods whose parameters we read as the client sent them.
//!
//! The framework refuses a message for one odd value in a field that is never read. So messages about documents are routed to
//! methods of our own, whose parameters the framework does not look into.

/// A method of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Method {
    /// Its name in the protocol.
    pub(crate) name: &'static str,
    /// The name by which the framework routes it to us.
    pub(crate) route: &'static str,
}

/// What a route begins with.
const PREFIX: &str = "dstack-lsp:";

/// A [`Method`] by its name in the protocol.
macro_rules! method {
    ($name:literal) => {
        $crate::lsp::method::Method { name: $name, route: concat!("dstack-lsp:", $name) }
    };
}
pub(crate) use method;

/// The name of a method in the protocol, from its name or its route.
pub(crate) fn in_protocol(name: &str) -> &str {
    name.strip_prefix(PREFIX).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_route_leads_back_to_the_method() {
        let method = method!("textDocument/hover");
        assert_eq!(super::in_protocol(method.route), method.name);
        assert_eq!(super::in_protocol(method.name), method.name);
    }
}
