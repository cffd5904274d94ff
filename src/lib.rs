//! Edgeward: an authentication gate for the edge.
