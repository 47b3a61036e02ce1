//! What is kept: SQLite by default, PostgreSQL for several machines.
