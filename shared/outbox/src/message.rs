//! A message as every messenger can show it.

/// A message, as its owner renders it when it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it says, in a small markup: `<b>`, `<code>` and `<a href>`, and `&amp;`, `&lt;`, `&gt;` for what would be one.
    pub text: String,
    /// Rows of buttons.
    pub rows: Vec<Vec<Button>>,
}

/// A button below a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Button {
    /// Opens a page of our app; in private chats alone.
    Page {
        /// What it says.
        label: &'static str,
        /// The page.
        url: String,
    },
    /// Copies a text.
    Copy {
        /// What it says.
        label: &'static str,
        /// What is copied; at most 256 characters.
        copied: String,
    },
    /// Comes back to us when it is pressed.
    Act {
        /// What it says.
        label: String,
        /// What it means.
        action: Action,
    },
}

/// What a press of a button means: what is done to what, and where it matters the number that whoever pressed has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// At most [`Action::LONGEST`] bytes.
    pub id: String,
    /// A count or a generation.
    pub number: Option<i64>,
}

impl Action {
    /// The longest id that every messenger takes, with a number behind it.
    pub const LONGEST: usize = 40;

    /// As it comes back.
    pub fn data(&self) -> String {
        match self.number {
            Some(number) => format!("{}:{number}", self.id),
            None => self.id.clone(),
        }
    }
}
