//! dstack's validators that are more than "one of these" and "not both": a function each, by the name that the catalogue
//! gives it. They mirror the validators of `configurations.py`, `profiles.py`, `fleets.py`, `envs.py` and
//! `core/backends/base/models.py`.

mod common;
mod fleet;
mod groups;
mod preset;
mod run;
mod server;

pub(crate) use common::truth;

use super::scope::Scope;

/// A validator.
struct Validator {
    /// Its name in the catalogue.
    name: &'static str,
    /// Whether a field that is not there can violate it, so that it applies only where every entry can be read.
    needs_whole: bool,
    check: fn(&mut Scope<'_, '_>),
}

const fn any(name: &'static str, check: fn(&mut Scope<'_, '_>)) -> Validator {
    Validator { name, needs_whole: false, check }
}

const fn whole(name: &'static str, check: fn(&mut Scope<'_, '_>)) -> Validator {
    Validator { name, needs_whole: true, check }
}

/// Every validator.
const ALL: &[Validator] = &[
    any("windsurf-version", run::windsurf_version),
    any("dstack-or-inactivity", run::dstack_or_inactivity),
    any("docker-alone", run::docker_alone),
    any("docker-privileged", run::docker_privileged),
    any("probe-body", run::probe_body),
    any("unique-backend-options", run::unique_backend_options),
    any("unique-rate-limits", run::unique_rate_limits),
    any("unique-probes", run::unique_probes),
    any("unique-env", run::unique_env),
    any("range-order", common::range_order),
    any("disk-of-50", common::disk_size),
    whole("replicas-bounds", groups::replicas_bounds),
    whole("replicas-and-scaling", groups::replicas_and_scaling),
    whole("replicas-or-count", groups::replicas_or_count),
    whole("commands-or-image", groups::commands_or_image),
    any("groups-without-commands", groups::without_commands_and_scaling),
    any("groups-without-resources", groups::without_resources),
    any("group-names", groups::names),
    whole("group-commands", groups::commands),
    any("one-router", groups::one_router),
    any("router-once", groups::router_once),
    any("group-fields-once", groups::fields_once),
    any("group-image-sources", groups::image_sources),
    whole("fleet-nodes", fleet::nodes),
    whole("filename-or-data", server::filename_or_data),
    whole("path-or-content", server::path_or_content),
    whole("nebius-key", server::nebius_key),
    whole("preset-model", preset::model),
    whole("preset-prefix", preset::prefix),
    any("preset-dataset", preset::dataset),
    any("agent-effort", preset::effort),
];

/// Checks the validator with this name.
pub(super) fn check(scope: &mut Scope<'_, '_>, name: &str) {
    let Some(validator) = ALL.iter().find(|it| it.name == name) else { return };
    if scope.fields.is_whole || !validator.needs_whole {
        (validator.check)(scope);
    }
}

#[cfg(test)]
mod tests {
    use schema::{ConstraintKind, Type, TypeId};

    use super::*;

    #[test]
    fn the_catalogue_and_the_table_name_the_same_validators() {
        let types = (0..).map_while(|id| schema::catalogue().raw(TypeId(id)));
        let constraints = types.flat_map(|it| match it {
            Type::Mapping(it) => &*it.constraints,
            _ => &[],
        });
        let mut named: Vec<&str> = constraints
            .filter_map(|it| match &it.kind {
                ConstraintKind::Custom(name) => Some(&**name),
                _ => None,
            })
            .collect();
        let mut known: Vec<&str> = ALL.iter().map(|it| it.name).collect();
        named.sort_unstable();
        named.dedup();
        known.sort_unstable();
        assert_eq!(named, known);
    }
}
