//! The shortest questionnaire there could be: the least expected number of questions over every order of asking.
//!
//! An exact search over the states that right answers can reach, remembered by what is believed there, with the same rule
//! for when to stop as the engine. It is exponential in the number of questions, so it works within a budget of states and
//! gives nothing when that runs out. Start at [`optimum`].

use std::collections::HashMap;

use super::{Model, Next, State};

/// Searches within `budget` states.
pub fn optimum(model: &Model, budget: usize) -> Option<f64> {
    let mut search = Search { model, known: HashMap::new(), budget };
    search.least(&model.start(), &model.truth(), f64::INFINITY)
}

struct Search<'a> {
    model: &'a Model,
    /// Per state: the least sum, exact, or a bound below it if the search was cut by a better alternative.
    known: HashMap<State, (f64, bool)>,
    budget: usize,
}

impl Search<'_> {
    /// The least expected sum of questions from here on, unnormalised: the mass of `truth` counts once per question. A result of
    /// `limit` or more only says that it is not less.
    fn least(&mut self, state: &State, truth: &[f64], limit: f64) -> Option<f64> {
        if let Some(&(known, exact)) = self.known.get(state)
            && (exact || known >= limit)
        {
            return Some(known);
        }
        self.budget = self.budget.checked_sub(1)?;
        let (belief, next) = self.model.step(state);
        let Next::Ask(first) = next else {
            self.known.insert(state.clone(), (0.0, true));
            return Some(0.0);
        };
        let mass: f64 = truth.iter().sum();
        let mut order: Vec<(f64, usize)> = self
            .model
            .candidates(state, &belief)
            .into_iter()
            .map(|q| (self.model.information(&self.model.questions[q], &belief), q))
            .collect();
        order.sort_by(|a, b| (b.1 == first).cmp(&(a.1 == first)).then(b.0.total_cmp(&a.0)).then(a.1.cmp(&b.1)));
        let mut best = limit;
        let mut exact = false;
        for (_, q) in order {
            if mass >= best {
                break;
            }
            let sum = self.sum_of(state, truth, q, best)?;
            if sum < best {
                best = sum;
                exact = true;
            }
        }
        let value = if exact { best } else { best.min(limit) };
        self.known.insert(state.clone(), (value, exact));
        Some(value)
    }

    fn sum_of(&mut self, state: &State, truth: &[f64], question: usize, limit: f64) -> Option<f64> {
        let mut branches = Vec::new();
        let mut sum: f64 = truth.iter().sum();
        for option in 0..self.model.options(question).len() {
            let rest = self.model.after_truthful(truth, question, option);
            if rest.iter().any(|&w| w > 0.0) {
                let below = state.with(question, option as u8);
                // At least one more question for everybody whose state does not end there.
                let (_, next) = self.model.step(&below);
                let floor = if matches!(next, Next::Ask(_)) { rest.iter().sum() } else { 0.0 };
                sum += floor;
                branches.push((below, rest, floor));
            }
        }
        for (below, rest, floor) in branches {
            if sum >= limit {
                return Some(sum);
            }
            if floor > 0.0 {
                sum += self.least(&below, &rest, limit - (sum - floor))? - floor;
            }
        }
        Some(sum)
    }
}
