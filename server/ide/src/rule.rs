//! The declaration of a rule, and what its functions get.

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
};

use rustc_hash::FxHashMap;
use schema::Release;
use yaml::{NodeId, Span, Tree};

use crate::{
    bind::{Misfit, MisfitKind},
    diagnostic::{Diagnostic, RuleId, Severity, Stage, Subject, Tag},
    document::Document,
    fixes::Fixes,
    limits::{MAX_ADVICE, MAX_REJECTIONS},
    memo::{Memo, Unions},
};

/// A rule, declared as one constant in a file of its own.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name, by which comments, options and output refer to it.
    pub id: RuleId,
    /// What it finds, in one line of Markdown without a final period.
    pub summary: &'static str,
    /// What it finds and what to do, in Markdown. Code blocks marked `yaml bad` yield a finding, those marked `yaml` none.
    pub docs: &'static str,
    /// Who objects to what it finds, and when.
    pub stage: Stage,
    /// The default severity of its findings.
    pub severity: Severity,
    /// How an editor may draw its findings.
    pub tag: Option<Tag>,
    /// The version of dstack-lsp that added it.
    pub since: &'static str,
    /// Its fixes.
    pub fixes: Fixing,
    /// Adds its findings.
    pub check: fn(&Check<'_>, &mut Vec<Diagnostic>),
}

/// The fixes of a rule, made from a finding when they are needed.
#[derive(Clone, Copy, Debug)]
pub enum Fixing {
    /// It has none.
    None,
    /// Some of them may be applied without asking.
    Safe(FixFn),
    /// All of them need a look.
    Unsafe(FixFn),
}

/// Adds the fixes of a finding, the best one first.
pub type FixFn = fn(&Check<'_>, &Diagnostic, &mut Fixes<'_>);

impl Fixing {
    /// `none`, `safe` or `unsafe`.
    pub fn name(self) -> &'static str {
        match self {
            Fixing::None => "none",
            Fixing::Safe(_) => "safe",
            Fixing::Unsafe(_) => "unsafe",
        }
    }

    /// The function that makes them.
    pub(crate) fn function(self) -> Option<FixFn> {
        match self {
            Fixing::None => None,
            Fixing::Safe(function) | Fixing::Unsafe(function) => Some(function),
        }
    }
}

impl Rule {
    /// The name.
    pub fn name(&self) -> &'static str {
        self.id.as_str()
    }

    /// The documentation for readers: examples that yield a finding say so.
    pub fn explained(&self) -> String {
        // `bad` is for the test that runs the examples.
        self.docs.trim().replace("```yaml bad", "```yaml\n# reported")
    }

    /// A finding of the rule. The only way to make one.
    pub(crate) fn at(&self, span: Span, subject: Subject, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            rule: self.id,
            stage: self.stage,
            severity: self.severity,
            message: message.into(),
            span,
            related: vec![],
            tag: self.tag,
            subject,
        }
    }
}

/// A document that is checked or fixed, with what several rules look up.
#[derive(Debug)]
pub struct Check<'a> {
    document: &'a Document,
    /// Every rule.
    rules: &'static [Rule],
    /// The indexes of the misfits to report.
    misfits: Vec<u32>,
    memo: RefCell<Memo<'a>>,
    unknown: OnceCell<Unknown<'a>>,
}

/// The keys that are not fields, with their misfits, by the mapping that has or merges them.
type Unknown<'a> = FxHashMap<NodeId, Vec<&'a Misfit>>;

/// How many misfits are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The first ones in the document, which bounds what a file with thousands of mistakes costs.
    First,
    /// All of them.
    All,
}

impl<'a> Check<'a> {
    pub(crate) fn new(document: &'a Document, rules: &'static [Rule], extent: Extent) -> Check<'a> {
        let (memo, unknown) = (RefCell::new(Memo::new(document)), OnceCell::new());
        Check { document, rules, misfits: reported(document, extent), memo, unknown }
    }

    pub(crate) fn document(&self) -> &'a Document {
        self.document
    }

    pub(crate) fn rules(&self) -> &'static [Rule] {
        self.rules
    }

    pub(crate) fn tree(&self) -> &'a Tree {
        self.document.tree()
    }

    pub(crate) fn release(&self) -> Release {
        self.document.release()
    }

    /// The misfits to report, each with its subject.
    pub(crate) fn misfits(&self) -> impl Iterator<Item = (Subject, &'a Misfit)> {
        let all = self.document.binding().misfits();
        self.misfits.iter().filter_map(|id| Some((Subject::Misfit(*id), all.get(*id as usize)?)))
    }

    /// The misfit that a finding is about.
    pub(crate) fn misfit(&self, finding: &Diagnostic) -> Option<&'a Misfit> {
        match finding.subject {
            Subject::Misfit(id) => self.document.binding().misfits().get(id as usize),
            _ => None,
        }
    }

    /// The same, unless it is reached through an alias or merge, where an edit would change other places, too.
    pub(crate) fn fixable(&self, finding: &Diagnostic) -> Option<&'a Misfit> {
        self.misfit(finding).filter(|it| it.via.is_none())
    }

    /// The number of entries of a mapping with this key.
    pub(crate) fn count(&self, mapping: NodeId, key: &str) -> usize {
        self.memo.borrow_mut().count(mapping, key)
    }

    /// The keys of a mapping, or of the alias of one, that choose among the variants of a union.
    pub(crate) fn unions(&self, mapping: NodeId) -> Rc<Unions<'a>> {
        self.memo.borrow_mut().unions(mapping)
    }

    /// The misfits of the keys of a mapping that are not fields.
    pub(crate) fn unknown_keys(&self, mapping: NodeId) -> &[&'a Misfit] {
        let collect = || {
            let mut acc = Unknown::default();
            for misfit in self.document.binding().misfits() {
                yaml::work::add(1);
                if matches!(misfit.kind, MisfitKind::UnknownField(_)) {
                    acc.entry(misfit.seat).or_default().push(misfit);
                }
            }
            acc
        };
        self.unknown.get_or_init(collect).get(&mapping).map_or(&[], |it| it)
    }
}

fn reported(document: &Document, extent: Extent) -> Vec<u32> {
    let misfits = document.binding().misfits();
    let all = 0..misfits.len() as u32;
    if extent == Extent::All || misfits.len() <= MAX_ADVICE {
        return all.collect();
    }
    let place = |it: &u32| {
        let misfit = &misfits[*it as usize];
        misfit.via.unwrap_or(misfit.node)
    };
    let is_rejection = |it: &u32| misfits[*it as usize].kind.rejects(schema::catalogue(), document.release());
    let (mut rejections, mut advice): (Vec<u32>, Vec<u32>) = all.partition(is_rejection);
    for (list, max) in [(&mut rejections, MAX_REJECTIONS), (&mut advice, MAX_ADVICE)] {
        list.sort_by_key(place);
        list.truncate(max);
    }
    rejections.extend(advice);
    rejections.sort_unstable();
    rejections
}
