//! What is kept: SQLite by default, PostgreSQL for several machines.

pub mod desk;
pub mod draft;
pub mod effect;
pub mod lane;
pub mod turn;
