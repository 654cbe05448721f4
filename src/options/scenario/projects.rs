//! Whose quota there is: keys, their projects, and what those are allowed.

use core::num::NonZeroU32;

use super::super::limits;
use super::super::mistake::Mistake;
use super::super::reader::Reader;
use super::super::value::Value;
use super::super::words;
use super::positive;
use crate::engine::LimitTable;
use crate::plan::{Known, Model, Project};

/// `keys` as a number, spread over `projects`; or key by key.
pub(super) fn projects(
    reader: &Reader<'_>,
    models: &[Model],
    assumed: &mut Vec<Known>,
) -> Result<Vec<Project>, Mistake> {
    let all = limits::parse(reader)?;
    if let Some(Value::List(items)) = reader.get("keys") {
        if reader.get("projects").is_some() {
            return Err(reader.wrong("projects", "nothing beside a list of keys, each of which may name its project"));
        }
        return listed(reader, items, all.as_ref(), models, assumed);
    }
    let keys = positive(reader, "keys", MOST_KEYS)?.map_or(USUAL_KEYS, NonZeroU32::get);
    let count = positive(reader, "projects", MOST_KEYS)?.map_or(keys, NonZeroU32::get);
    if count > keys {
        let expected = format!("at most as many as keys, which are {keys}");
        return Err(Mistake::new(reader.path_of("projects"), expected, count.to_string()));
    }
    let limits = complete(all.unwrap_or_default(), models, &reader.path_of("limits"), assumed)?;
    let project = |number: u32| Project {
        name: format!("project-{}", number + 1),
        // The first ones have one more, where it can't be even.
        keys: NonZeroU32::MIN.saturating_add((keys - number - 1) / count),
        limits: limits.clone(),
    };
    Ok((0..count).map(project).collect())
}

fn listed(
    reader: &Reader<'_>,
    items: &[Value],
    all: Option<&LimitTable>,
    models: &[Model],
    assumed: &mut Vec<Known>,
) -> Result<Vec<Project>, Mistake> {
    let path = reader.path_of("keys");
    if items.is_empty() || items.len() > MOST_KEYS as usize {
        return Err(Mistake::of(
            path,
            format!("from 1 to {MOST_KEYS} keys"),
            reader.get("keys").unwrap_or(&Value::Nothing),
        ));
    }
    let mut projects: Vec<Project> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let reader = Reader::open(item, words::item(&path, at), &["project", "limits"])?;
        let name = reader.public_name("project")?.unwrap_or_else(|| format!("project-{}", at + 1));
        if let Some(project) = projects.iter_mut().find(|project| project.name == name) {
            project.keys = project.keys.saturating_add(1);
            continue;
        }
        let own = limits::parse(&reader)?.or_else(|| all.cloned()).unwrap_or_default();
        let limits = complete(own, models, &reader.path_of("limits"), assumed)?;
        projects.push(Project { name, keys: NonZeroU32::MIN, limits });
    }
    Ok(projects)
}

/// Limits of every model: those given, else those known. Without any there would be nothing to plan.
fn complete(
    mut table: LimitTable,
    models: &[Model],
    path: &str,
    assumed: &mut Vec<Known>,
) -> Result<LimitTable, Mistake> {
    for model in models {
        if table.of(&model.name).is_some() {
            continue;
        }
        let Some(known) = Known::of(&model.name) else {
            let expected = format!("limits of {}, of which none are known here", words::quoted(&model.name));
            return Err(Mistake::of(path, expected, &Value::Nothing));
        };
        table.0.push((model.name.clone(), known.limits()));
        if !assumed.contains(known) {
            assumed.push(*known);
        }
    }
    Ok(table)
}
const USUAL_KEYS: u32 = 3;
/// More than anybody has; each makes every call that is played a little slower.
const MOST_KEYS: u32 = 200;
