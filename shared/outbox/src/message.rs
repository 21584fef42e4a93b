//! Messages in a form that every messenger can show.

/// A message, rendered by its owner when it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The text in a small markup: `<b>`, `<code>` and `<a href>`, with `&amp;`, `&lt;` and `&gt;` as escapes.
    pub text: String,
    /// Rows of buttons.
    pub rows: Vec<Vec<Button>>,
}

/// A button below a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Button {
    /// Opens a page of the app. Only in private chats.
    Page {
        /// The label.
        label: &'static str,
        /// The page.
        url: String,
    },
    /// Copies a text.
    Copy {
        /// The label.
        label: &'static str,
        /// The text to copy, at most 256 characters.
        copied: String,
    },
    /// Sends an action to the product.
    Act {
        /// The label.
        label: String,
        /// The action.
        action: Action,
    },
}

/// The action of a button: what to do to which object, and the number the person saw, where it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// At most [`Action::LONGEST`] bytes.
    pub id: String,
    /// A count or a generation.
    pub number: Option<i64>,
}

impl Action {
    /// The longest id that fits with a number behind it in every messenger.
    pub const LONGEST: usize = 40;

    /// The callback data of the button.
    pub fn data(&self) -> String {
        match self.number {
            Some(number) => format!("{}:{number}", self.id),
            None => self.id.clone(),
        }
    }
}
