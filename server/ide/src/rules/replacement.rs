//! What takes the place of outdated fields.
