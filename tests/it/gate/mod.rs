mod bad_input;
mod config;
mod contract;
mod docs;
mod kratos;
mod own;
mod world;
