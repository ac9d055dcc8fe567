//! Requests that no browser sends of itself.
