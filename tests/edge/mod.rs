//! What strangers on the network try, over real sockets. Webhooks must be taken all the same (`nothing-lost`).

mod crowds;
mod forgeries;
mod oversize;
mod slowness;
