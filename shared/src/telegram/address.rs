//! Converts Telegram's chat numbers to addresses and back. Telegram uses positive numbers for persons and negative ones
//! for groups. No other code relies on that.
use kernel::{
    address::{Address, Chat},
    person::{Identity, Messenger},
};

const CHANNEL: Messenger = Messenger::Telegram;

/// The chat with this number, from a row or the configuration.
pub fn of_number(chat_id: i64) -> Address {
    if chat_id < 0 { group(chat_id) } else { private(chat_id) }
}

/// The private chat with a person.
pub fn private(id: i64) -> Address {
    Address::Private(Identity { channel: CHANNEL, id: id.to_string() })
}

/// A group.
pub fn group(chat_id: i64) -> Address {
    Address::Group(Chat { channel: CHANNEL, id: chat_id.to_string() })
}

/// A topic of a group.
pub fn topic(chat_id: i64, thread_id: i64) -> Address {
    Address::Topic(Chat { channel: CHANNEL, id: chat_id.to_string() }, thread_id.to_string())
}

/// Telegram's number of the chat; `None` for another messenger.
pub fn number(address: &Address) -> Option<i64> {
    (address.channel() == CHANNEL).then(|| address.chat_id().parse().ok()).flatten()
}

/// Telegram's number of the topic; `None` if it is not a topic.
pub fn thread(address: &Address) -> Option<i64> {
    match address {
        Address::Topic(_, thread) => thread.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_says_whether_it_is_a_group() {
        for (number_of, address) in [(5_000_000_001, private(5_000_000_001)), (-1001, group(-1001))] {
            assert_eq!((of_number(number_of), number(&address)), (address, Some(number_of)));
        }
        let topic = topic(-1001, 7);
        assert_eq!((number(&topic), thread(&topic), thread(&group(-1001))), (Some(-1001), Some(7), None));
    }
}
