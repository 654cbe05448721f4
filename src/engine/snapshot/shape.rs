//! The shape of a snapshot: what each note is called, what it is and what bounds it. By this table snapshots are written, and
//! read again; a change of it is a change of the format.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::note::Note;
use crate::engine::day::Midnight;
use crate::engine::gate::Cause;
use crate::engine::habits::Counting;
use crate::engine::learned::Source;
use crate::engine::provider::Provider;
use crate::engine::verdict::Verdict;

/// What a note is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// A whole number from 0 to this.
    Number(u64),
    /// A whole number from this below 0 to this.
    Signed(u64),
    /// Unix milliseconds: past, or to come before long.
    Time,
    /// `true` or `false`.
    Flag,
    /// One of these, known by its place.
    Word(&'static [&'static str]),
    /// A string that is bounded and on one line.
    Name,
    /// The last characters of a secret, three at most.
    Hint,
    /// That, or `null`.
    Maybe(&'static Shape),
    /// An array of exactly these.
    Row(&'static [Shape]),
    /// An array of such things, so many at the most.
    List(&'static Shape, usize),
    /// An object of these fields, which are parts in this order.
    Fields(&'static [(&'static str, Shape)]),
}

use Shape::{Fields, Flag, Hint, List, Maybe, Name, Number, Row, Signed, Time, Word};

/// Bounds: of what is written, and so of what is read.
pub(crate) mod most {
    use crate::engine::{histogram, journal, lately, suspicion};

    /// Keys, and closed projects.
    pub(crate) const KEYS: usize = 10_000;
    /// Pools.
    pub(crate) const POOLS: usize = 1_000;
    /// Entries of one window. Neighbours share one where there are more, at the instant of the last of them: some places
    /// come back a little late, none too early.
    pub(crate) const SLICES: usize = 64;
    /// Sessions that were moved by hand.
    pub(crate) const SESSIONS: usize = 10_000;
    /// Models of which something is known.
    pub(crate) const NAMES: usize = 1_000;
    /// Suspicious pairs.
    pub(crate) const PAIRS: usize = suspicion::MOST_PAIRS;
    /// Rotations.
    pub(crate) const ROTATIONS: usize = journal::MOST_ROTATIONS;
    /// Attempts that are called the last ones.
    pub(crate) const RECENT: u64 = lately::MOST as u64;
    /// Buckets of latencies.
    pub(crate) const LATENCIES: usize = histogram::BUCKETS;
    /// Characters of a name.
    pub(crate) const LENGTH: usize = 256;
    /// Sends that stand in one place of a limited burst.
    pub(crate) const BURST: u64 = 10_000;
    /// Things that are counted one by one.
    pub(crate) const COUNT: u64 = 1_000_000_000;
    /// Cells of usage over time, an eighth of a bucket of a histogram each: more than are kept by default. Where there are
    /// more, the oldest minutes are left out, then hours, then days.
    pub(crate) const CELLS: usize = 50_000;
    /// Tokens or milliseconds of one cell: so many that no sum of all of them is out of bounds.
    pub(crate) const SUM: u64 = 1_000_000_000_000;
    /// Tokens of one window.
    pub(crate) const TOKENS: u64 = 1_000_000_000_000;
    /// Anything else: the largest number that JavaScript tells from the next.
    pub(crate) const NUMBER: u64 = (1 << 53) - 1;
    /// The last day that JavaScript has.
    pub(crate) const DATE: u64 = 8_640_000_000_000_000;
    /// Milliseconds from the snapshot to anything that it says is to come. The longest closure of our own is a day; a
    /// provider's hint may be longer.
    pub(crate) const AHEAD: u64 = 31 * 86_400_000;
}

/// Whether a name is one that a snapshot may hold. What has another is left out.
pub(crate) fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && !name.chars().any(char::is_control) && name.chars().count() <= most::LENGTH
}

/// The shape of a version's snapshots. An older one's parts come first in a newer one's.
pub(crate) const fn of_version(version: u32) -> &'static Shape {
    if version < 2 { &FIRST } else { &SNAPSHOT }
}

// ------------------------------------------------------------ words

macro_rules! words {
    ($($name:ident: $type:ty),*) => {
        $(const $name: [&str; <$type>::ALL.len()] = {
            let mut words = [""; <$type>::ALL.len()];
            let mut at = 0;
            while at < words.len() {
                words[at] = <$type>::ALL[at].name();
                at += 1;
            }
            words
        };)*
    };
}

words!(CAUSES: Cause, PROVIDERS: Provider, VERDICTS: Verdict, SOURCES: Source, COUNTINGS: Counting, MIDNIGHTS: Midnight);

// ------------------------------------------------------------ the table

const COUNT: Shape = Number(most::COUNT);
const NUMBER: Shape = Number(most::NUMBER);
const SUM: Shape = Number(most::SUM);
const DATE: Shape = Number(most::DATE);
const PROVIDER: Shape = Word(&PROVIDERS);
/// Of a call that names none, `null`.
const MODEL: Shape = Maybe(&Name);
/// Why something is closed, and until when; `null`: not by itself.
const SHUT: Shape = Row(&[Word(&CAUSES), Maybe(&Time)]);
/// When the newest of these requests counts, how long before that it was sent, requests, tokens.
const SLICES: Shape = List(&Row(&[Time, Number(most::AHEAD), COUNT, Number(most::TOKENS)]), most::SLICES);

/// In the order of the constructor.
pub(crate) const SNAPSHOT: Shape = Fields(&[
    ("version", NUMBER),
    ("at", DATE),
    ("counters", Fields(&COUNTERS)),
    ("latencies", LATENCIES),
    ("recent", RECENT),
    ("rotations", ROTATIONS),
    ("keys", List(&Fields(&KEY), most::KEYS)),
    ("projects", PROJECTS),
    ("models", MODELS),
    ("pools", List(&Fields(&POOL), most::POOLS)),
    // ------------------------------------------------------------ since version 2
    // Length of the minute that everything was counted and learned by.
    ("window", Number(most::AHEAD)),
    ("habits", List(&Fields(&HABITS), PROVIDERS.len())),
    // Of a name at a provider, the model that it means.
    ("aliases", List(&Row(&[PROVIDER, Name, Name]), most::NAMES)),
    // Requests a minute of a model, as a first guess.
    ("presumed", List(&Row(&[PROVIDER, MODEL, NUMBER]), most::NAMES)),
    // Two pools, how often they coincided, what each had served, and the limit.
    ("suspicions", List(&Row(&[Row(&POOL_NAME), Row(&POOL_NAME), COUNT, NUMBER, NUMBER, Maybe(&NUMBER)]), most::PAIRS)),
    // The key whose turn it is, for all calls and for each provider's.
    ("turn", Maybe(&Name)),
    ("turns", List(&Row(&[PROVIDER, Name]), PROVIDERS.len())),
    // Sessions under `assigned` that somebody has moved, and how often.
    ("sessions", List(&Row(&[Name, COUNT]), most::SESSIONS)),
    // What is left of the retry budget, where there is one.
    ("budget", Maybe(&COUNT)),
    // How long calls waited.
    ("waits", LATENCIES),
    // Attempts, by what they came to.
    ("verdicts", List(&Row(&[Word(&VERDICTS), NUMBER]), VERDICTS.len())),
    // What was used over time, where that is counted. Snapshots of this version have not had it from the first.
    ("usage", Maybe(&Fields(&USAGE))),
]);

const FIRST: Shape = Fields(&[
    ("version", NUMBER),
    ("at", DATE),
    ("counters", Fields(COUNTERS.split_at(11).0)),
    ("latencies", LATENCIES),
    ("recent", RECENT),
    ("rotations", ROTATIONS),
    ("keys", List(&Fields(KEY.split_at(11).0), most::KEYS)),
    ("projects", PROJECTS),
    ("models", MODELS),
    ("pools", List(&Fields(POOL.split_at(6).0), most::POOLS)),
]);

const COUNTERS: [(&str, Shape); 13] = [
    ("attempts", NUMBER),
    ("errors", NUMBER),
    ("served", NUMBER),
    ("rateLimited", NUMBER),
    ("retries", NUMBER),
    ("heldBack", NUMBER),
    ("callsWaited", NUMBER),
    ("waitedMs", NUMBER),
    ("tokensIn", NUMBER),
    ("tokensOut", NUMBER),
    ("rotations", NUMBER),
    // Since version 2: of the tokens in, those from a cache; of those out, thoughts.
    ("tokensCached", NUMBER),
    ("tokensThought", NUMBER),
];

/// Of served attempts: buckets that are not empty, and how many are in each.
const LATENCIES: Shape = List(&Row(&[Number(most::LATENCIES as u64 - 1), COUNT]), most::LATENCIES);
/// What the last attempts came to, as it is weighed.
const RECENT: Shape = List(&Row(&[Word(&VERDICTS), Number(most::RECENT)]), VERDICTS.len());
/// When, from which key, to which, for what; oldest first.
const ROTATIONS: Shape = List(&Row(&[DATE, Maybe(&Name), Maybe(&Name), Word(&VERDICTS)]), most::ROTATIONS);
/// Those that are closed. `shared`: named by somebody; else it is the own project of the key of this name.
const PROJECTS: Shape = List(&Fields(&[("name", Name), ("shared", Flag), ("shut", SHUT)]), most::KEYS);
/// Those without capacity.
const MODELS: Shape = List(
    &Fields(&[("provider", PROVIDER), ("model", MODEL), ("overloads", COUNT), ("shut", Maybe(&SHUT))]),
    most::NAMES,
);

const KEY: [(&str, Shape); 14] = [
    ("id", Name),
    ("hint", Hint),
    ("requests", NUMBER),
    ("successes", NUMBER),
    ("errors", NUMBER),
    ("rateLimited", NUMBER),
    ("latencyMs", NUMBER),
    ("lastUsedAt", Maybe(&DATE)),
    ("strikes", COUNT),
    ("cooldowns", COUNT),
    ("shut", Maybe(&SHUT)),
    // Since version 2: the running balance of `weighted`.
    ("credit", Signed(most::NUMBER)),
    // Of the last attempts, how many failed.
    ("lately", Row(&[Number(most::RECENT), Number(most::RECENT)])),
    // Whether somebody has taken it out by hand.
    ("out", Flag),
];

/// Provider, project, whether that is shared, model.
const POOL_NAME: [Shape; 4] = [PROVIDER, Name, Flag, MODEL];

const POOL: [(&str, Shape); 15] = [
    ("provider", PROVIDER),
    ("project", Name),
    ("shared", Flag),
    ("model", MODEL),
    ("refusals", COUNT),
    ("shut", Maybe(&SHUT)),
    // ------------------------------------------------------------ since version 2
    ("minute", SLICES),
    // Refused and lost requests, as long as it is not known whether they count.
    ("refused", SLICES),
    ("lost", SLICES),
    // The last 24 hours, where a provider's days roll.
    ("day", SLICES),
    // Where they are the calendar's, the days that end at midnight in UTC and in California: requests, how many of them were
    // not served, tokens, when it ends.
    ("days", List(&Row(&[COUNT, COUNT, Number(most::TOKENS), DATE]), 2)),
    // When the next request may go where they are spread.
    ("paced", Maybe(&Time)),
    // The last sends where a burst is limited: the last of some, and how many.
    ("burst", List(&Row(&[Time, Number(most::BURST)]), most::SLICES)),
    ("learned", Fields(&LEARNED)),
    // Whether a request of its own was ever answered.
    ("answered", Flag),
];

/// Limits: requests and tokens a minute, requests and tokens a day.
const LEARNED: [(&str, Shape); 5] = [
    // What was declared then.
    ("declared", Row(&[Maybe(&NUMBER), Maybe(&NUMBER), Maybe(&NUMBER), Maybe(&NUMBER)])),
    // What the provider stated, and when.
    ("stated", Row(&[STATED, STATED, STATED, STATED])),
    // How many requests of a minute can be had, how that is known, when it may be tried to have more, and for how many minutes
    // not again after that.
    // How often it was found by a refusal, and when last.
    ("ceiling", Maybe(&Row(&[NUMBER, Word(&SOURCES), Time, COUNT, COUNT, Time]))),
    // Where its own minute begins, and whether that was proved.
    ("boundary", Maybe(&Time)),
    ("proved", Flag),
];
const STATED: Shape = Maybe(&Row(&[NUMBER, Time]));

const HABITS: [(&str, Shape); 12] = [
    ("provider", PROVIDER),
    // `null`: not known. A boundary of a fixed minute, or `null` where it rolls; whether that was proved.
    ("minute", Maybe(&Row(&[Maybe(&Time), Flag]))),
    ("refused", Word(&COUNTINGS)),
    ("lost", Word(&COUNTINGS)),
    ("midnight", Maybe(&Word(&MIDNIGHTS))),
    ("allowance", Number(most::AHEAD)),
    ("tooSmall", Number(most::AHEAD)),
    ("triesAt", Time),
    ("rests", COUNT),
    ("probes", COUNT),
    ("probesAt", Time),
    ("doubts", COUNT),
];

/// Names, each with its number.
const NAMES: Shape = List(&Row(&[NUMBER, Name]), most::CELLS);
const USAGE: [(&str, Shape); 10] = [
    // Nothing was counted before this.
    ("began", DATE),
    ("keys", NAMES),
    ("sessions", NAMES),
    ("operations", NAMES),
    ("pools", List(&Row(&[NUMBER, Row(&POOL_NAME)]), most::CELLS)),
    // The numbers of key, pool, session and operation (0: none), and what attempts came to.
    ("places", List(&Row(&[NUMBER, NUMBER, NUMBER, NUMBER, Word(&VERDICTS)]), most::CELLS)),
    ("days", SLOTS),
    ("hours", SLOTS),
    // The minute that runs; it is in no hour and no day yet.
    ("open", SLOT),
    ("minutes", SLOTS),
];
/// Before which instant something may be missing; and slots, oldest first.
const SLOTS: Shape = Row(&[DATE, List(&SLOT, most::CELLS)]);
/// When it begins; calls that are over, such as had to wait, and how long; how long each waited; latencies of served attempts;
/// and cells: which place, attempts, their milliseconds to headers, and tokens: input, output, cached, thoughts.
const SLOT: Shape = Row(&[DATE, COUNT, COUNT, SUM, LATENCIES, LATENCIES, List(&Row(&CELL), most::CELLS)]);
const CELL: [Shape; 7] = [Number(most::CELLS as u64), COUNT, SUM, SUM, SUM, SUM, SUM];

// ------------------------------------------------------------ writing

/// The bounds that depend on the snapshot.
pub(super) struct Fit<'a> {
    /// The latest time.
    pub(super) soon: u64,
    pub(super) is_name: &'a dyn Fn(&str) -> bool,
}

/// Makes a note fit its shape: numbers are cut to their bounds, and what has a name that does not fit is left out of the list
/// that it is in. False where it can't be made to fit.
pub(super) fn fit(note: &mut Note, shape: &Shape, bounds: &Fit<'_>) -> bool {
    match (note, shape) {
        (Note::Nothing, Maybe(_)) | (Note::Number(_), Flag) | (Note::Name(_), Hint) => true,
        (note, Maybe(shape)) => fit(note, shape, bounds),
        (Note::Number(number), Number(_) | Signed(_) | Time) => {
            let most = match *shape {
                Number(most) | Signed(most) => most,
                _ => bounds.soon,
            };
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            *number = (*number).clamp(if matches!(shape, Signed(_)) { -most } else { 0 }, most);
            true
        }
        (Note::Number(place), Word(words)) => (*place as usize) < words.len(),
        (Note::Name(name), Name) => (bounds.is_name)(name),
        (Note::List(list), List(shape, most)) => {
            list.retain_mut(|note| fit(note, shape, bounds));
            list.truncate(*most);
            true
        }
        (Note::List(list), Row(shapes)) => list.iter_mut().zip(*shapes).all(|(note, shape)| fit(note, shape, bounds)),
        (Note::List(list), Fields(fields)) => {
            list.iter_mut().zip(*fields).all(|(note, (_, shape))| fit(note, shape, bounds))
        }
        _ => false,
    }
}

/// A note in its shape, as it is serialised.
pub(super) struct Written<'a>(pub(super) &'a Note, pub(super) &'a Shape);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0, self.1) {
            (Note::Nothing, _) => serializer.serialize_none(),
            (note, Maybe(shape)) => Written(note, shape).serialize(serializer),
            (note, Flag) => serializer.serialize_bool(note.flag()),
            (note, Word(words)) => serializer.serialize_str(note.word(words)),
            (Note::Number(number), _) => serializer.serialize_i64(*number),
            (Note::Name(name), _) => serializer.serialize_str(name),
            (Note::List(list), Fields(fields)) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (note, (name, shape)) in list.iter().zip(*fields) {
                    map.serialize_entry(name, &Written(note, shape))?;
                }
                map.end()
            }
            (Note::List(list), shape) => {
                let mut seq = serializer.serialize_seq(Some(list.len()))?;
                for (at, note) in list.iter().enumerate() {
                    let shape = match shape {
                        List(shape, _) => shape,
                        Row(shapes) => shapes.get(at).unwrap_or(shape),
                        _ => shape,
                    };
                    seq.serialize_element(&Written(note, shape))?;
                }
                seq.end()
            }
        }
    }
}
