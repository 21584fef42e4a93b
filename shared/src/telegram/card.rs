//! The card of a response in the dispatchers' chat: its text and its buttons.
use outbox::message::{Button, Message};

use super::{
    LINE, ROUTE, SHORT, escape, inline,
    messages::{Language, Messages, fill},
    plain, prices, quoted,
    screens::{cargo_parameter, local_date, moscow_time},
    update::Press,
};
use crate::{
    cargo::card::exact_price,
    response::{Actor, Question, Response, Status, Step, rivals::Surroundings},
};

/// The most drivers a card names. The others are counted.
const NAMED: usize = 3;

/// A response in the dispatchers' chat.
pub fn card(response: &Response, around: &Surroundings, app_url: &str) -> Message {
    let m = Language::Ru.messages();
    let mut parts = about_cargo(m, response, app_url);
    parts.push(String::new());
    parts.extend(about_driver(m, response));
    parts.push(String::new());
    parts.extend(state(m, response, around));
    Message { text: parts.join("\n"), rows: buttons(m, response, around) }
}

fn about_cargo(m: &Messages, response: &Response, app_url: &str) -> Vec<String> {
    let cargo = &response.cargo;
    let mut parts = vec![fill(
        m.card,
        &[
            ("route", &inline(&cargo.route, ROUTE)),
            ("title", &inline(&cargo.title, LINE)),
            ("weight_volume", &inline(&cargo.weight_volume, SHORT)),
            ("price", &inline(&cargo.price, SHORT)),
        ],
    )];
    let dates = [(m.card_from, &cargo.from_date), (m.card_to, &cargo.to_date)].into_iter();
    let dates: Vec<_> =
        dates.filter_map(|(text, date)| Some(fill(text, &[("date", &local_date(date.as_deref()?))]))).collect();
    if !dates.is_empty() {
        parts.push(dates.join(" · "));
    }
    let separator = if app_url.contains('?') { '&' } else { '?' };
    let link = escape(&format!("{app_url}{separator}startapp={}", cargo_parameter(&cargo.id)));
    parts.push(format!("<a href=\"{link}\">{}</a>", fill(m.card_open, &[("cargo", &escape(&cargo.id))])));
    parts
}

fn about_driver(m: &Messages, response: &Response) -> Vec<String> {
    let offer = &response.offer;
    let mut parts = Vec::new();
    if response.is_forgotten() {
        parts.push(m.card_forgotten.to_owned());
    } else {
        parts.push(format!("<b>{}</b>", inline(&offer.name, LINE)));
        let phone = if offer.phone_confirmed { m.card_confirmed } else { m.card_unconfirmed };
        parts.push(fill(phone, &[("phone", &inline(&offer.phone, SHORT))]));
    }
    if let Some(price) = response.own_price() {
        parts.push(fill(m.card_own_price, &[("price", &exact_price(price))]));
    }
    if let Some(comment) = &offer.comment {
        parts.push(fill(m.card_comment, &[("comment", &quoted(comment))]));
    }
    parts
}

fn state(m: &Messages, response: &Response, around: &Surroundings) -> Vec<String> {
    let mut parts = vec![decided(m, response)];
    if response.status.is_chosen() {
        parts.push(fill(m.card_agreed, &[("price", &prices::agreed(response))]));
    }
    if let Some(reason) = &response.reason {
        parts.push(fill(m.card_reason, &[("reason", &quoted(reason))]));
    } else if response.status == Status::Rejected && !response.is_forgotten() {
        parts.push(m.card_ask_reason.to_owned());
    }
    if response.has_link() && (response.status.is_open() || response.status.is_chosen()) {
        parts.push(m.card_link.to_owned());
    }
    if is_live(response) {
        if around.blocked {
            let is_accepted = response.status == Status::Accepted;
            parts.push(if is_accepted { m.card_blocked_accepted } else { m.card_blocked }.to_owned());
        }
        // The question itself says so.
        let asked = matches!(response.question, Some(Question::AcceptToo { .. }));
        if !around.chosen.is_empty() && !asked {
            parts.push(fill(
                by_count(around, m.card_chosen, m.card_chosen_many),
                &[("names", &escape(&names(m, &around.chosen)))],
            ));
        }
        if around.others > 0 {
            parts.push(others(m, around.others));
        }
    }
    parts.extend(question(m, response, around));
    parts
}

/// Whether the response is still open to action, so that the other responses matter.
fn is_live(response: &Response) -> bool {
    response.status.is_open() || response.status == Status::Accepted
}

/// Names of the drivers who have the cargo, as plain text.
pub fn names(m: &Messages, names: &[String]) -> String {
    let name = |name: &String| if name.is_empty() { m.by_driver.to_owned() } else { plain(name, SHORT) };
    let mut shown: Vec<_> = names.iter().take(NAMED).map(name).collect();
    if names.len() > NAMED {
        shown.push(format!("+{}", names.len() - NAMED));
    }
    shown.join(", ")
}

fn by_count(around: &Surroundings, one: &'static str, many: &'static str) -> &'static str {
    if around.chosen.len() > 1 { many } else { one }
}

/// The number of other open responses, with Russian plural forms.
fn others(m: &Messages, count: usize) -> String {
    let text = match (count % 10, count % 100) {
        (1, tens) if tens != 11 => m.card_others_one,
        (2..=4, tens) if !(12..=14).contains(&tens) => m.card_others_few,
        _ => m.card_others_many,
    };
    fill(text, &[("count", &count.to_string())])
}

fn question(m: &Messages, response: &Response, around: &Surroundings) -> Option<String> {
    match response.question.as_ref()? {
        Question::AcceptToo { .. } if around.chosen.is_empty() => None,
        Question::AcceptToo { .. } => Some(fill(
            by_count(around, m.card_accept_too, m.card_accept_too_many),
            &[("names", &escape(&names(m, &around.chosen)))],
        )),
        Question::Undo { until_ms, .. } => Some(fill(m.card_undo, &[("until", &moscow_time(*until_ms))])),
    }
}

fn buttons(m: &'static Messages, response: &Response, around: &Surroundings) -> Vec<Vec<Button>> {
    let button = |text: &str, action: fn(String) -> Press| Button::Act {
        label: text.to_owned(),
        action: action(response.id.clone()).action(),
    };
    let revoke = response.has_link().then(|| button(m.revoke_link, Press::RevokeLink));
    let rows = match (response.status, &response.question) {
        // A blocked driver can only be rejected.
        (Status::Queued | Status::Sent, _) if around.blocked => vec![vec![button(m.reject, Press::Reject)]],
        (Status::Queued | Status::Sent, Some(Question::AcceptToo { choices })) if !around.chosen.is_empty() => {
            let press = Press::AcceptToo(response.id.clone(), *choices);
            let label = with_price(m.accept_too, m.accept_too_for, response);
            let too = Button::Act { label, action: press.action() };
            vec![vec![too, button(m.keep_unaccepted, Press::Keep)]]
        }
        (Status::Queued | Status::Sent, _) => {
            let accept = with_price(m.accept, m.accept_for, response);
            let (next, text) =
                (response.link_generation + 1, if response.has_link() { m.new_link } else { m.make_link });
            let press = Press::MakeLink(response.id.clone(), next);
            let link = Button::Act { label: text.to_owned(), action: press.action() };
            vec![
                vec![button(&accept, Press::Accept), button(m.reject, Press::Reject)],
                std::iter::once(link).chain(revoke).collect(),
            ]
        }
        (Status::Accepted, asked) => {
            let others = (around.others > 0).then(|| button(m.reject_others, Press::RejectOthers));
            // After the deadline, the dispatcher must ask again.
            let keep = asked.is_some().then(|| button(m.keep_accepted, Press::Keep));
            vec![
                vec![button(m.complete, Press::Complete)],
                others.into_iter().collect(),
                keep.into_iter().chain(std::iter::once(button(m.undo, Press::Undo))).collect(),
                revoke.into_iter().collect(),
            ]
        }
        // The link shows its holder the phone of an accepted response.
        (Status::Completed, _) => vec![revoke.into_iter().collect()],
        (Status::Rejected | Status::Expired | Status::Withdrawn, _) => Vec::new(),
    };
    rows.into_iter().filter(|row: &Vec<Button>| !row.is_empty()).collect()
}

/// The label of an accept button, with the price if known.
fn with_price(plain: &str, priced: &str, response: &Response) -> String {
    // A button that is too narrow breaks before the price and not within it.
    let unbroken = |price| exact_price(price).replace(' ', "\u{a0}");
    response.agreed_price().map_or_else(|| plain.to_owned(), |price| fill(priced, &[("price", &unbroken(price))]))
}

/// The status of a response, who set it, and when.
fn decided(m: &Messages, response: &Response) -> String {
    match response.last_step() {
        Some(step) if !response.status.is_open() => {
            fill(m.card_decided, &step_values(m, response, step).each_ref().map(|(n, v)| (*n, v.as_str())))
        }
        _ => format!("<b>{}</b>", m.sent),
    }
}

fn step_values(m: &Messages, response: &Response, step: &Step) -> [(&'static str, String); 3] {
    let who = match &step.by {
        Actor::Driver => m.by_driver.to_owned(),
        Actor::Dispatcher { name, .. } if name.is_empty() => m.by_dispatcher.to_owned(),
        Actor::Dispatcher { name, .. } => inline(name, SHORT),
        Actor::Shipper => m.by_shipper.to_owned(),
        Actor::Admin { .. } => m.by_admin.to_owned(),
        Actor::System => m.by_system.to_owned(),
    };
    let status = if response.is_undone() { m.undone } else { m.status(step.status) };
    [("status", status.to_owned()), ("who", who), ("at", moscow_time(step.at_ms))]
}

/// The answer to a press on an outdated button.
pub fn late(response: &Response) -> String {
    let m = Language::Ru.messages();
    match response.last_step() {
        // An answer to a press is plain text.
        Some(step) => {
            let mut values = step_values(m, response, step);
            if let Actor::Dispatcher { name, .. } = &step.by
                && !name.is_empty()
            {
                values[1].1 = plain(name, SHORT);
            }
            fill(m.press_late, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
        }
        None => m.press_unknown.to_owned(),
    }
}

/// The answer if a rejection already has a reason: its author and text. `None` otherwise.
pub fn reason_given(response: &Response) -> Option<String> {
    let m = Language::Ru.messages();
    let reason = quoted(response.reason.as_deref()?);
    let by = response.reason_by.clone().unwrap_or(Actor::Dispatcher { id: 0, name: String::new() });
    let step = Step { status: response.status, at_ms: response.updated_at_ms, by };
    let [_, (_, who), _] = step_values(m, response, &step);
    Some(fill(m.reason_given, &[("who", &who), ("reason", &reason)]))
}

#[cfg(test)]
mod tests {
    use outbox::message::Action;

    use super::*;
    use crate::response::{CargoSummary, Event, Offer};

    fn shown(response: &Response, around: &Surroundings) -> Message {
        card(response, around, "https://t.me/bot/app")
    }

    fn texts(screen: &Message) -> Vec<String> {
        let text = |button: &Button| match button {
            Button::Act { label, .. } => label.clone(),
            other => panic!("{other:?}"),
        };
        screen.rows.iter().flatten().map(text).collect()
    }

    fn response() -> Response {
        let cargo = CargoSummary {
            id: "77".into(),
            title: "Кирпич <красный>".into(),
            route: "Москва → Казань".into(),
            weight_volume: "20 т / 82 м³".into(),
            price: "50 000 ₽".into(),
            price_rub: None,
            from_date: Some("2026-11-25T08:30:00".into()),
            to_date: Some("2026-11-27".into()),
        };
        let offer = Offer {
            name: "Иван & сын".into(),
            phone: "+79161234567".into(),
            phone_confirmed: true,
            comment: Some("есть <ремни>".into()),
            price_kopecks: Some(5_500_000),
        };
        Response::new(7, cargo, offer, 1_800_000_000_000, 172_800)
    }

    #[test]
    fn a_card_says_all_that_a_dispatcher_needs_and_nothing_in_it_is_markup_by_accident() {
        let screen = shown(&response(), &Surroundings::default());
        for text in [
            "Москва → Казань",
            "Кирпич &lt;красный&gt;",
            "20 т / 82 м³",
            "Цена груза: <b>50 000 ₽</b>",
            "25.11 08:30",
            "27.11",
            "https://t.me/bot/app?startapp=cargo_77",
            "Иван &amp; сын",
            "+79161234567 — подтверждён",
            "Цена водителя: <b>55 000 ₽</b>",
            "есть &lt;ремни&gt;",
            "Ждёт ответа",
        ] {
            assert!(screen.text.contains(text), "{text} is not in {}", screen.text);
        }
        assert_eq!(screen.rows.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn buttons_follow_the_status_and_fit_telegrams_64_bytes() {
        let by = Actor::Dispatcher { id: 5, name: "Анна".into() };
        let accepted = response().apply(Event::Accept, by, 1_800_000_000_000).unwrap();
        let screen = shown(&accepted, &Surroundings::default());
        assert!(screen.text.contains("✅ Принят</b> · Анна, 15.01 11:00 МСК"), "{}", screen.text);
        assert!(screen.text.contains("Согласованная цена: <b>55 000 ₽</b>"), "{}", screen.text);
        assert_eq!(texts(&screen), ["🏁 Завершить", "↩️ Отменить принятие"]);
        let linked = shown(&response().with_new_link(1_800_000_000_000).unwrap(), &Surroundings::default());
        assert_eq!(linked.rows.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
        for button in linked.rows.iter().chain(&screen.rows).flatten() {
            let Button::Act { action, .. } = button else { panic!("{button:?}") };
            assert!(action.data().len() <= 64 && action.id.len() <= Action::LONGEST);
            assert_eq!(Press::parse(&action.data()).map(|press| press.action()).as_ref(), Some(action));
        }
    }

    #[test]
    fn a_card_says_what_becomes_of_the_others_and_of_its_driver() {
        for (others, text) in [
            (1, "Ещё 1 отклик на этот груз"),
            (2, "Ещё 2 отклика на этот груз"),
            (5, "Ещё 5 откликов на этот груз"),
            (11, "Ещё 11 откликов"),
            (22, "Ещё 22 отклика"),
            (112, "Ещё 112 откликов"),
        ] {
            let screen = shown(&response(), &Surroundings { others, ..Surroundings::default() });
            assert!(screen.text.contains(text), "{text} is not in {}", screen.text);
        }
        let chosen: Vec<_> = ["Пётр <П>", "", "Иван", "Олег", "Яков"].map(str::to_owned).into();
        let taken = Surroundings { chosen, ..Surroundings::default() };
        let screen = shown(&response(), &taken);
        assert!(screen.text.contains("Уже приняты: Пётр &lt;П&gt;, водитель, Иван, +2"), "{}", screen.text);
        let one = shown(&response(), &Surroundings { chosen: vec!["Иван".into()], ..Surroundings::default() });
        assert!(one.text.contains("Уже принят: Иван"), "{}", one.text);
        assert_eq!(texts(&screen)[0], "✅ Принять за 55\u{a0}000\u{a0}₽");
        let asking = response().asking(Question::AcceptToo { choices: i64::MAX });
        assert_eq!(texts(&shown(&asking, &taken)), ["✅ Принять ещё за 55\u{a0}000\u{a0}₽", "Не принимать"]);
        assert!(shown(&asking, &taken).text.contains("Принять ещё?"));
        let free = shown(&asking, &Surroundings::default());
        assert!(!free.text.contains("Принять ещё?") && texts(&free).len() == 3, "nobody has it any more");
        let blocked = shown(&asking, &Surroundings { blocked: true, ..taken });
        assert!(blocked.text.contains("Водитель заблокирован"), "{}", blocked.text);
        assert_eq!(texts(&blocked), ["❌ Отклонить"]);
        for button in shown(&asking, &Surroundings { chosen: vec![String::new()], ..Surroundings::default() })
            .rows
            .iter()
            .flatten()
        {
            let Button::Act { action, .. } = button else { panic!("{button:?}") };
            assert!(action.data().len() <= 64 && action.id.len() <= Action::LONGEST, "{action:?}");
            assert_eq!(Press::parse(&action.data()).map(|press| press.action()).as_ref(), Some(action));
        }
    }

    #[test]
    fn an_accepted_card_rejects_the_others_and_can_be_undone() {
        let accepted = response().apply(Event::Accept, Actor::Shipper, 1_800_000_000_000).unwrap();
        let waiting = Surroundings { others: 2, ..Surroundings::default() };
        let keyboard = ["🏁 Завершить", "❌ Отказать остальным", "↩️ Отменить принятие"];
        assert_eq!(texts(&shown(&accepted, &waiting)), keyboard);
        let asked = accepted.asking(Question::Undo { by_id: 5, until_ms: 1_800_000_900_000 });
        let screen = shown(&asked, &waiting);
        assert!(screen.text.contains("до 15.01 11:15 МСК"), "{}", screen.text);
        assert_eq!(texts(&screen)[2], "Не отменять");
        let undone = asked.apply(Event::Undo, Actor::Admin { id: 5 }, 1_800_000_000_000).unwrap();
        let screen = shown(&undone, &waiting);
        assert!(screen.text.contains("❌ Принятие отменено</b> · администратор"), "{}", screen.text);
        assert!(screen.rows.is_empty() && !screen.text.contains("Ещё 2"), "{}", screen.text);
    }

    #[test]
    fn the_longest_response_fits_a_message() {
        let mut long = response();
        long.offer.comment = Some("&".repeat(500));
        long.reason = Some("&".repeat(500));
        long.cargo.title = "&".repeat(300);
        long.question = Some(Question::AcceptToo { choices: 1 });
        let around = Surroundings { others: 99, chosen: vec!["&".repeat(100); 9], blocked: true };
        // Telegram counts 4096 characters after the markup is read.
        let screen = shown(&long, &around);
        assert!(screen.text.replace("&amp;", "&").chars().count() < 4096);
    }
}
