//! Expressions over facts: `detect` in questions and symptoms, in CEL, the Common Expression Language.
//!
//! [`compile`] parses an expression, checks its names and types against [`super::facts::FIELDS`], and refuses what could take
//! long: arithmetic, nested loops, a search of the whole text inside a loop. What it accepts is total: evaluating it takes time
//! in proportion to the text, and an error while evaluating (a header that is not there) means "not recognised".

mod check;
mod text;

use std::collections::HashMap;
use std::sync::Arc;

use cel::common::ast::{CallExpr, Expr, operators};
use cel::common::types::CelString;
use cel::objects::{Key, Map};
use cel::{Context, IdedExpr, Program, Value as CelValue};

use super::facts::{FIELDS, Facts, Value};
use text::Look;
pub use text::{Hits, Looks};

/// Longer expressions are refused: an option that needs more is two options.
const LONGEST: usize = 2_000;
/// Elements of a list that expressions see.
const MOST_ELEMENTS: usize = 500;

/// What is wrong with an expression, and the line of it, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub line: usize,
    pub message: String,
}

/// A compiled expression.
pub struct Detect {
    alternatives: Vec<Alternative>,
}

/// One side of the outermost `||`, so that the one that was true can say why.
struct Alternative {
    expression: IdedExpr,
    /// The facts that it names, in order; what merely says that something was shown comes last.
    fields: Vec<(&'static str, &'static str)>,
    /// What it looks for in the whole text.
    looks: Vec<Look>,
}

/// Parses and checks an expression.
pub fn compile(source: &str) -> Result<Detect, Fault> {
    if source.len() > LONGEST {
        let message = format!("the expression has {} bytes, the most is {LONGEST}: split it", source.len());
        return Err(Fault { line: 1, message });
    }
    let program = Program::compile(source).map_err(|errors| parse_fault(&errors))?;
    check::check(&program)?;
    let mut sides = Vec::new();
    split(program.expression(), &mut sides);
    let alternative = |side: &IdedExpr| {
        let fields = check::list_fields(side);
        let mut expression = side.clone();
        let looks = text::take_looks(&mut expression);
        Alternative { expression, fields, looks }
    };
    Ok(Detect { alternatives: sides.into_iter().map(alternative).collect() })
}

fn parse_fault(errors: &cel::ParseErrors) -> Fault {
    let first = errors.errors.first();
    let line = first.map_or(1, |e| usize::try_from(e.pos.0).unwrap_or(1).max(1));
    let message = first.map_or("it cannot be read", |e| e.msg.as_str());
    Fault { line, message: format!("not an expression in CEL: {message}") }
}

fn split<'a>(expression: &'a IdedExpr, sides: &mut Vec<&'a IdedExpr>) {
    match &expression.expr {
        Expr::Call(CallExpr { func_name, args, .. }) if func_name == operators::LOGICAL_OR => {
            args.iter().for_each(|side| split(side, sides));
        }
        _ => sides.push(expression),
    }
}

/// Facts and what was found in the text, ready for many expressions.
pub struct Scope<'a> {
    context: Context<'a, 'a>,
    facts: &'a Facts,
    hits: &'a Hits,
}

impl<'a> Scope<'a> {
    pub(super) fn new(facts: &'a Facts, text: &'a str, hits: &'a Hits) -> Scope<'a> {
        let mut groups: HashMap<&str, HashMap<Key, CelValue>> = HashMap::new();
        for field in FIELDS {
            let (value, _) = facts.find(field.group, field.name).expect("the schema lists what there is");
            groups.entry(field.group).or_default().insert(Key::from(field.name), to_cel(value));
        }
        let mut context = Context::default();
        for (name, map) in groups {
            context.add_variable_from_value(name, CelValue::Map(Map { map: Arc::new(map) }));
        }
        context.add_variable_as_val("text", Box::new(CelString::from(text::beginning(text))));
        for (name, hit) in hits.names() {
            context.add_variable_from_value(name, CelValue::Bool(hit));
        }
        Scope { context, facts, hits }
    }
}

fn to_cel(value: Value<'_>) -> CelValue {
    match value {
        Value::Text(text) => text.into(),
        Value::Number(number) => CelValue::Int(number),
        Value::Flag(flag) => CelValue::Bool(flag),
        Value::Texts(texts) => CelValue::List(Arc::new(texts.iter().take(MOST_ELEMENTS).map(|t| t.as_str().into()).collect())),
        Value::Map(map) => {
            let pairs = map.iter().take(MOST_ELEMENTS).map(|(k, v)| (Key::from(k.as_str()), CelValue::from(v.as_str())));
            CelValue::Map(Map { map: Arc::new(pairs.collect()) })
        }
    }
}

impl Detect {
    /// The line that shows what the expression looks for, counted from 1, when it is true. Facts about what is absent have the
    /// line of the request.
    pub fn find(&self, scope: &Scope<'_>) -> Option<usize> {
        let hit = self.alternatives.iter().find(|a| a.is_true(scope))?;
        Some(hit.line(scope).max(1))
    }

    fn looks(&self) -> impl Iterator<Item = &Look> {
        self.alternatives.iter().flat_map(|a| &a.looks)
    }
}

impl Alternative {
    fn is_true(&self, scope: &Scope<'_>) -> bool {
        matches!(CelValue::resolve(&self.expression, &scope.context), Ok(CelValue::Bool(true)))
    }

    /// A fact is the best reason, then words of the text, then that something was shown at all.
    fn line(&self, scope: &Scope<'_>) -> usize {
        let line = |(group, name): &(&str, &str)| scope.facts.find(group, name).map(|(_, line)| line).filter(|&l| l > 0);
        let (shown, told): (Vec<_>, Vec<_>) = self.fields.iter().partition(|(_, name)| check::SHOWN.contains(name));
        let of_words = || self.looks.iter().find_map(|look| scope.hits.line_of(look));
        told.into_iter().find_map(line).or_else(of_words).or_else(|| shown.into_iter().find_map(line)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
