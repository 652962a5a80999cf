//! The notation of types in the catalogue: `string?`, `[integer]`, `{env-name: env-value}`, `mount | network-mount`.

/// A type as written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Notation {
    /// The name of a built-in type, of a type of the catalogue, or of a grammar.
    Name(String),
    /// `T?`
    Nullable(Box<Notation>),
    /// `[T]`
    Sequence(Box<Notation>),
    /// `{K: V}`
    Table(Box<Notation>, Box<Notation>),
    /// `A | B`
    Union(Vec<Notation>),
}

/// Parses a type, or returns an error message.
pub(crate) fn parse(text: &str) -> Result<Notation, String> {
    let mut reader = Reader { rest: text.trim() };
    let notation = reader.union()?;
    match reader.rest {
        "" => Ok(notation),
        rest => Err(format!("`{text}`: unexpected `{rest}`")),
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn union(&mut self) -> Result<Notation, String> {
        let mut variants = vec![self.postfix()?];
        while self.take("|") {
            variants.push(self.postfix()?);
        }
        Ok(if variants.len() == 1 { variants.remove(0) } else { Notation::Union(variants) })
    }

    fn postfix(&mut self) -> Result<Notation, String> {
        let notation = self.atom()?;
        Ok(if self.take("?") { Notation::Nullable(Box::new(notation)) } else { notation })
    }

    fn atom(&mut self) -> Result<Notation, String> {
        if self.take("[") {
            let item = self.union()?;
            self.expect("]")?;
            return Ok(Notation::Sequence(Box::new(item)));
        }
        if self.take("{") {
            let key = self.union()?;
            self.expect(":")?;
            let value = self.union()?;
            self.expect("}")?;
            return Ok(Notation::Table(Box::new(key), Box::new(value)));
        }
        if self.take("(") {
            let inner = self.union()?;
            self.expect(")")?;
            return Ok(inner);
        }
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let end = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        if end == 0 {
            return Err(format!("expected a type before `{}`", self.rest));
        }
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        Ok(Notation::Name(name.to_owned()))
    }

    fn take(&mut self, sign: &str) -> bool {
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest).trim_start();
        rest.is_some()
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.take(sign) { Ok(()) } else { Err(format!("expected `{sign}` before `{}`", self.rest)) }
    }
}
