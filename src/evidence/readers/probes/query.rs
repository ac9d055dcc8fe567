//! The part of JMESPath that commands of the knowledge base use, backwards: from a result to the object it was cut from.

use serde_json::{Map, Value as Json, json};

/// An expression that can be put back.
pub struct Query(Expression);

enum Expression {
    /// A field, and what is taken from it.
    Field(String, Option<Box<Expression>>),
    /// `name[]`: of each element.
    Each(String, Option<Box<Expression>>),
    /// `[a,b]`
    Select(Vec<Expression>),
    /// `{new: a, other: b}`
    Rename(Vec<(String, Expression)>),
    /// `keys(name)`
    Keys(String),
    /// `path != null`
    IsSet(Box<Expression>),
}

/// How deep brackets may be nested.
const DEPTH: usize = 8;

impl Query {
    /// Understands an expression; filters cannot be put back, because what they dropped is not known.
    pub fn parse(text: &str) -> Option<Query> {
        parse(text.trim(), DEPTH).map(Query)
    }

    /// The object that the result was cut from, with nothing else in it.
    pub fn restore(&self, result: Json) -> Option<Json> {
        restore(&self.0, result)
    }

    /// The value that rows of a table or of text stand for.
    pub fn read_rows(&self, rows: Vec<Vec<Json>>) -> Option<Json> {
        match shape(&self.0) {
            Shape::Rows => Some(Json::Array(rows.into_iter().map(Json::Array).collect())),
            Shape::List => Some(Json::Array(rows.into_iter().flatten().collect())),
            Shape::Row => rows.into_iter().next().map(Json::Array),
            Shape::Value => {
                let mut all: Vec<Json> = rows.into_iter().flatten().collect();
                if all.len() == 1 { all.pop() } else { Some(Json::Array(all)) }
            }
        }
    }
}

enum Shape {
    Rows,
    List,
    Row,
    Value,
}

fn shape(expression: &Expression) -> Shape {
    match expression {
        Expression::Field(_, Some(inner)) => shape(inner),
        Expression::Each(_, Some(inner)) => match **inner {
            Expression::Select(_) => Shape::Rows,
            _ => Shape::List,
        },
        Expression::Each(_, None) | Expression::Keys(_) => Shape::List,
        Expression::Select(_) => Shape::Row,
        _ => Shape::Value,
    }
}

fn parse(text: &str, depth: usize) -> Option<Expression> {
    let depth = depth.checked_sub(1)?;
    if let Some(path) = text.strip_suffix("`null`").and_then(|t| t.trim_end().strip_suffix("!=")) {
        return Some(Expression::IsSet(Box::new(parse(path.trim(), depth)?)));
    }
    if let Some(name) = text.strip_prefix("keys(").and_then(|t| t.strip_suffix(')')) {
        return is_name(name).then(|| Expression::Keys(name.to_owned()));
    }
    if let Some(inner) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        let parts = split(inner)?.into_iter().map(|part| parse(part.trim(), depth)).collect::<Option<Vec<_>>>()?;
        return Some(Expression::Select(parts));
    }
    if let Some(inner) = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
        let pair = |part: &str| {
            let (name, inner) = part.split_once(':')?;
            Some((name.trim().trim_matches('"').to_owned(), parse(inner.trim(), depth)?))
        };
        return Some(Expression::Rename(split(inner)?.into_iter().map(pair).collect::<Option<Vec<_>>>()?));
    }
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !is_name(name) {
        return None;
    }
    let (each, rest) = match rest.strip_prefix("[]") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let inner = match rest.strip_prefix('.') {
        Some(rest) => Some(Box::new(parse(rest, depth)?)),
        None if rest.is_empty() => None,
        None => return None,
    };
    Some(if each { Expression::Each(name.to_owned(), inner) } else { Expression::Field(name.to_owned(), inner) })
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The parts between commas that stand in no brackets.
fn split(text: &str) -> Option<Vec<&str>> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0usize, 0);
    for (at, char) in text.char_indices() {
        match char {
            '[' | '(' | '{' => depth += 1,
            ']' | ')' | '}' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => {
                parts.push(text.get(start..at)?);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..)?);
    Some(parts)
}

fn restore(expression: &Expression, result: Json) -> Option<Json> {
    let inside = |inner: &Option<Box<Expression>>, value: Json| match inner {
        Some(inner) => restore(inner, value),
        None => Some(value),
    };
    match expression {
        Expression::Field(name, inner) => Some(json!({ name: inside(inner, result)? })),
        Expression::Each(name, inner) => match result {
            Json::Array(all) => {
                let all = all.into_iter().map(|value| inside(inner, value)).collect::<Option<Vec<_>>>()?;
                Some(json!({ name: all }))
            }
            _ => None,
        },
        Expression::Select(parts) => {
            let Json::Array(values) = result else { return None };
            if values.len() != parts.len() {
                return None;
            }
            let mut whole = json!({});
            for (part, value) in parts.iter().zip(values) {
                merge(&mut whole, restore(part, value)?);
            }
            Some(whole)
        }
        Expression::Rename(parts) => {
            let Json::Object(mut values) = result else { return None };
            let mut whole = json!({});
            for (name, part) in parts {
                merge(&mut whole, restore(part, values.remove(name)?)?);
            }
            Some(whole)
        }
        Expression::Keys(name) => {
            let keys = result.as_array()?.iter().filter_map(Json::as_str);
            Some(json!({ name: keys.map(|key| (key.to_owned(), json!({}))).collect::<Map<_, _>>() }))
        }
        Expression::IsSet(path) => restore(path, if result.as_bool()? { json!("set") } else { Json::Null }),
    }
}

fn merge(whole: &mut Json, part: Json) {
    match (whole, part) {
        (Json::Object(whole), Json::Object(part)) => {
            for (name, value) in part {
                merge(whole.entry(name).or_insert(Json::Null), value);
            }
        }
        (place, part) => *place = part,
    }
}
