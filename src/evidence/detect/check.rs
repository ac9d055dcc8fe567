//! Names and types of an expression. CEL by itself notices them only while it runs.

use cel::Program;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators};

use super::super::facts::{FIELDS, Kind};
use super::Fault;

/// Facts that say only that something was shown: poor reasons.
pub const SHOWN: [&str; 3] = ["shown", "whole", "compared"];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Type {
    Fact(Kind),
    Numbers,
    Group(&'static str),
}

const TEXT: Type = Type::Fact(Kind::Text);
const NUMBER: Type = Type::Fact(Kind::Number);
const FLAG: Type = Type::Fact(Kind::Flag);
const TEXTS: Type = Type::Fact(Kind::Texts);

impl Type {
    fn word(self) -> &'static str {
        match self {
            Type::Fact(kind) => kind.word(),
            Type::Numbers => "list(int)",
            Type::Group(_) => "a group of facts",
        }
    }
}

/// Refuses what is not `true` or `false`, what names unknown facts, and what could take long.
pub fn check(program: &Program) -> Result<(), Fault> {
    let checker = Checker { program, loop_variable: None };
    let root = program.expression();
    match checker.of(root)? {
        FLAG => Ok(()),
        other => Err(checker.fault(root, format!("it gives {}, not bool: compare it with something", other.word()))),
    }
}

struct Checker<'a> {
    program: &'a Program,
    loop_variable: Option<&'a str>,
}

impl<'a> Checker<'a> {
    fn fault(&self, at: &IdedExpr, message: impl Into<String>) -> Fault {
        let info = self.program.source_info();
        let start = info.offset_for(at.id).map_or(0, |(start, _)| start as usize);
        let line = info.source.chars().take(start).filter(|&c| c == '\n').count() + 1;
        Fault { line, message: message.into() }
    }

    fn of(&self, at: &'a IdedExpr) -> Result<Type, Fault> {
        match &at.expr {
            Expr::Literal(LiteralValue::String(_)) => Ok(TEXT),
            Expr::Literal(LiteralValue::Int(_)) => Ok(NUMBER),
            Expr::Literal(LiteralValue::Boolean(_)) => Ok(FLAG),
            Expr::Ident(name) => self.of_name(at, name),
            Expr::Select(select) if !select.test => {
                let operand = self.of(&select.operand)?;
                self.of_field(at, operand, &select.field)
            }
            Expr::List(list) => self.of_list(at, &list.elements),
            Expr::Call(call) => self.of_call(at, call),
            Expr::Comprehension(of) => self.of_loop(at, of),
            _ => {
                Err(self.fault(at, "this part of CEL is not for `detect`: use facts, strings, whole numbers, lists and `exists`"))
            }
        }
    }

    fn of_name(&self, at: &IdedExpr, name: &str) -> Result<Type, Fault> {
        if self.loop_variable == Some(name) {
            return Ok(TEXT);
        }
        if name == "text" {
            return match self.loop_variable {
                None => Ok(TEXT),
                Some(_) => Err(self.fault(at, "`text` inside a loop would take long: look at one of the facts there")),
            };
        }
        let groups = || FIELDS.iter().map(|f| f.group);
        match groups().find(|g| *g == name) {
            Some(group) => Ok(Type::Group(group)),
            None => Err(self.fault(at, unknown("group of facts", name, groups()))),
        }
    }

    fn of_field(&self, at: &IdedExpr, operand: Type, field: &str) -> Result<Type, Fault> {
        match operand {
            Type::Group(group) => {
                let fields = || FIELDS.iter().filter(|f| f.group == group);
                let known = fields().find(|f| f.name == field);
                let message = || unknown(&format!("fact of `{group}`"), field, fields().map(|f| f.name));
                known.map(|f| Type::Fact(f.kind)).ok_or_else(|| self.fault(at, message()))
            }
            Type::Fact(Kind::Map) => Ok(TEXT),
            other => Err(self.fault(at, format!("{} has no fields, so no `.{field}`", other.word()))),
        }
    }

    fn of_list(&self, at: &IdedExpr, elements: &'a [IdedExpr]) -> Result<Type, Fault> {
        let types = elements.iter().map(|e| self.of(e)).collect::<Result<Vec<_>, _>>()?;
        match types.first() {
            Some(&TEXT) if types.iter().all(|t| *t == TEXT) => Ok(TEXTS),
            Some(&NUMBER) if types.iter().all(|t| *t == NUMBER) => Ok(Type::Numbers),
            _ => Err(self.fault(at, "a list holds strings only or whole numbers only, and at least one")),
        }
    }

    fn of_call(&self, at: &'a IdedExpr, call: &'a CallExpr) -> Result<Type, Fault> {
        let operands = call.target.iter().map(|t| t.as_ref()).chain(&call.args);
        let types = operands.map(|o| self.of(o)).collect::<Result<Vec<_>, _>>()?;
        let result = match (call.func_name.as_str(), types.as_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR, [FLAG, FLAG]) | (operators::LOGICAL_NOT, [FLAG]) => FLAG,
            (operators::EQUALS | operators::NOT_EQUALS, [a, b]) if a == b && !matches!(a, Type::Group(_)) => FLAG,
            (
                operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS,
                [NUMBER, NUMBER] | [TEXT, TEXT],
            ) => FLAG,
            (operators::IN, [TEXT, TEXTS | Type::Fact(Kind::Map)] | [NUMBER, Type::Numbers]) => FLAG,
            (operators::INDEX, [Type::Fact(Kind::Map), TEXT]) => TEXT,
            (operators::NEGATE, [NUMBER]) => NUMBER,
            (operators::CONDITIONAL, [FLAG, a, b]) if a == b => *a,
            ("contains" | "startsWith" | "endsWith", [TEXT, TEXT]) if call.target.is_some() => FLAG,
            ("matches", [TEXT, TEXT]) => self.of_pattern(at, call)?,
            ("size", [TEXT | TEXTS | Type::Numbers | Type::Fact(Kind::Map)]) => NUMBER,
            (name, types) => return Err(self.fault(at, misfit(name, types))),
        };
        Ok(result)
    }

    /// A pattern is written out, so that it can be checked here, and stands in no loop, where it would be compiled each time.
    fn of_pattern(&self, at: &IdedExpr, call: &CallExpr) -> Result<Type, Fault> {
        let Some(Expr::Literal(LiteralValue::String(pattern))) = call.args.last().map(|a| &a.expr) else {
            return Err(self.fault(at, "the pattern of `matches` is written out, between quotes"));
        };
        if self.loop_variable.is_some() {
            return Err(self.fault(at, "`matches` inside a loop would take long: use `contains` there"));
        }
        match regex::RegexBuilder::new(pattern.inner()).size_limit(1 << 20).build() {
            Ok(_) => Ok(FLAG),
            Err(error) => Err(self.fault(at, format!("the pattern cannot be read: {error}"))),
        }
    }

    /// `list.exists(x, …)` and `list.all(x, …)`, which the parser has turned into a fold over a flag.
    fn of_loop(&self, at: &IdedExpr, of: &'a ComprehensionExpr) -> Result<Type, Fault> {
        let flag = matches!(of.accu_init.expr, Expr::Literal(LiteralValue::Boolean(_)));
        let Expr::Call(CallExpr { args, .. }) = &of.loop_step.expr else {
            return Err(self.fault(at, "of the loops, `detect` has `exists` and `all`"));
        };
        let [_, body] = args.as_slice() else {
            return Err(self.fault(at, "of the loops, `detect` has `exists` and `all`"));
        };
        if !flag || of.iter_var2.is_some() {
            return Err(self.fault(at, "of the loops, `detect` has `exists` and `all`"));
        }
        if self.loop_variable.is_some() {
            return Err(self.fault(at, "a loop inside a loop would take long: split the condition"));
        }
        match self.of(&of.iter_range)? {
            TEXTS | Type::Fact(Kind::Map) => {}
            other => return Err(self.fault(at, format!("a loop runs over list(string), not over {}", other.word()))),
        }
        let inside = Checker { program: self.program, loop_variable: Some(&of.iter_var) };
        match inside.of(body)? {
            FLAG => Ok(FLAG),
            other => Err(self.fault(at, format!("the condition of a loop gives {}, not bool", other.word()))),
        }
    }
}

fn misfit(name: &str, types: &[Type]) -> String {
    let given = types.iter().map(|t| t.word()).collect::<Vec<_>>().join(" and ");
    let shown = name.trim_matches(['_', '@']).replace("[_]", "[]");
    format!(
        "`{shown}` does not take {given}; `detect` has && || ! == != < <= > >= in ?: contains startsWith endsWith matches size exists all"
    )
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match crate::kb::nearest(name, known) {
        Some(near) => format!("unknown {what} `{name}`; did you mean `{near}`?"),
        None => format!("unknown {what} `{name}`; the README lists them all"),
    }
}

/// The facts that an expression names, good reasons first.
pub fn list_fields(expression: &IdedExpr) -> Vec<(&'static str, &'static str)> {
    let mut fields = Vec::new();
    walk(expression, &mut |at| {
        if let Expr::Select(select) = &at.expr
            && let Expr::Ident(group) = &select.operand.expr
            && let Some(field) = FIELDS.iter().find(|f| f.group == group && f.name == select.field)
        {
            fields.push((field.group, field.name));
        }
    });
    fields.sort_by_key(|(_, name)| SHOWN.contains(name));
    fields
}

/// Visits an expression and its parts; the parser bounds how deep they go.
fn walk<'a>(at: &'a IdedExpr, visit: &mut dyn FnMut(&'a IdedExpr)) {
    visit(at);
    match &at.expr {
        Expr::Select(select) => walk(&select.operand, visit),
        Expr::List(list) => list.elements.iter().for_each(|e| walk(e, visit)),
        Expr::Call(call) => call.target.iter().map(|t| t.as_ref()).chain(&call.args).for_each(|e| walk(e, visit)),
        Expr::Comprehension(of) => [&of.iter_range, &of.loop_step].into_iter().for_each(|e| walk(e, visit)),
        _ => {}
    }
}
