'use strict';

// The driver's chat with the bot and the dispatchers' chat, as Telegram shows them, and what goes wrong in between.

/** How often others' messages are looked for. */
const CHAT_POLL_MS = 1000;

/** What a chat needs to know: its id, and who the person is that acts in it. */
class ChatView {
  constructor(name, title) {
    const view = byId('chat').content.firstElementChild.cloneNode(true);
    this.view = view;
    this.find = (selector) => view.querySelector(selector);
    view.dataset.chat = name;
    view.setAttribute('aria-label', title);
    this.replyTo = null;
    this.lastId = 0;
    this.find('.composer').onsubmit = (event) => {
      event.preventDefault();
      const input = this.find('.composer input');
      if (!input.value.trim()) return;
      const text = input.value;
      input.value = '';
      this.write(text);
    };
    this.find('.reply-bar button').onclick = () => this.reply(null);
    byId('chats').append(view);
  }

  /** Adds a control to the header. */
  add(element) {
    this.find('.chat-header').append(element);
    return element;
  }

  /** Does something in the chat, and shows what became of it. */
  async act(action) {
    try {
      await action();
    } catch (error) {
      this.toast(error.message);
    }
    await pollChats();
  }

  write(text) {
    const reply = this.replyTo && { reply_to_message_id: this.replyTo };
    this.reply(null);
    return this.act(() => ask('POST', `/telegram/chats/${this.id}/messages`, { from: this.from(), text, ...reply }));
  }

  share() {
    return this.act(() => ask('POST', `/telegram/chats/${this.id}/contact`, { from: this.from() }));
  }

  press(message, button, element) {
    return this.act(async () => {
      element.classList.add('busy');
      const { answer } = await ask('POST', '/telegram/press', {
        chat_id: this.id, message_id: message.message_id, from: this.from(), data: button.callback_data,
      });
      element.classList.remove('busy');
      if (!answer) this.toast('The bot did not answer the press within 5 seconds.');
      else if (answer.text && answer.show_alert) this.alert(answer.text);
      else if (answer.text) this.toast(answer.text);
    });
  }

  reply(message) {
    this.replyTo = message?.message_id ?? null;
    this.find('.reply-bar').hidden = !message;
    if (!message) return;
    this.find('.reply-bar span').textContent = `Reply to: ${(message.text || 'a contact').slice(0, 60)}`;
    this.find('.composer input').focus({ preventScroll: true });
  }

  toast(text) {
    const box = this.find('.chat-toast');
    box.textContent = text;
    box.hidden = false;
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => (box.hidden = true), 5000);
  }

  alert(text) {
    const dialog = this.find('dialog');
    dialog.querySelector('p').textContent = text;
    dialog.querySelector('button').onclick = () => dialog.close();
    dialog.show();
  }

  draw(chat) {
    const isGroup = chat.type !== 'private';
    this.find('.chat-title strong').textContent = isGroup ? chat.title : `${chat.first_name} ${chat.last_name || ''}`.trim();
    const state = chat.blocked ? 'the bot is blocked' : chat.started ? '' : 'the bot is not started';
    this.find('.chat-title span').textContent = state || (isGroup ? `${chat.members.length} members and the bot` : 'with the bot');
    const list = this.find('.messages');
    const wasAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    list.replaceChildren(...chat.messages.slice(-200).map((message) => this.message(message, isGroup)));
    const last = chat.messages.at(-1);
    if (last && last.message_id !== this.lastId) {
      // The client puts the person into a reply when the bot asks for one.
      if (this.lastId && last.force_reply) this.reply(last);
      this.lastId = last.message_id;
      list.scrollTop = list.scrollHeight;
    } else if (wasAtEnd) {
      list.scrollTop = list.scrollHeight;
    }
    this.drawKeyboard(chat.keyboard);
    this.onDraw?.(chat);
  }

  message(message, isGroup) {
    const item = document.createElement('li');
    const isBot = message.from.is_bot;
    item.className = isBot ? 'message from-bot' : 'message';
    item.dataset.messageId = message.message_id;
    const bubble = piece('div', 'bubble');
    if (isGroup) bubble.append(piece('b', 'author', message.from.first_name));
    if (message.reply_to_message) {
      bubble.append(piece('blockquote', 'quoted', (message.reply_to_message.text || 'a contact').slice(0, 80)));
    }
    const text = piece('div', 'text');
    if (message.contact) text.append(`${message.contact.first_name}, +${message.contact.phone_number.replace(/^\+/, '')}`);
    else text.append(...formatted(message.text || '', message.entities || []));
    bubble.append(text);
    const foot = piece('div', 'foot');
    const time = new Date(message.date * 1000).toLocaleTimeString('ru-RU', { hour: '2-digit', minute: '2-digit' });
    foot.append(message.edited ? `edited ${time}` : time);
    const reply = piece('button', 'reply', '↩');
    Object.assign(reply, { type: 'button', title: 'Reply', onclick: () => this.reply(message) });
    reply.setAttribute('aria-label', 'Reply');
    foot.append(reply);
    bubble.append(foot);
    item.append(bubble);
    for (const row of message.reply_markup?.inline_keyboard || []) {
      const line = piece('div', 'inline-row');
      line.append(...row.map((button) => this.inlineButton(message, button)));
      item.append(line);
    }
    return item;
  }

  inlineButton(message, button) {
    const element = piece('button', 'inline-button', button.text);
    element.type = 'button';
    if (button.callback_data !== undefined) {
      element.title = button.callback_data;
      element.onclick = () => this.press(message, button, element);
    } else if (button.web_app) {
      element.classList.add('opens');
      element.title = button.web_app.url;
      element.onclick = () => launch({ startapp: '', query: new URL(button.web_app.url, location.href).search });
    } else if (button.url) {
      element.classList.add('opens');
      element.title = button.url;
      element.onclick = () => openApp(button.url) || window.open(button.url, '_blank', 'noopener');
    } else if (button.copy_text) {
      element.title = button.copy_text.text;
      element.onclick = () => navigator.clipboard.writeText(button.copy_text.text).then(() => this.toast('Copied'));
    }
    return element;
  }

  drawKeyboard(markup) {
    const box = this.find('.reply-keyboard');
    box.hidden = !markup;
    box.replaceChildren(
      ...(markup?.keyboard || []).map((row) => {
        const line = piece('div', 'inline-row');
        line.append(
          ...row.map((button) => {
            const element = piece('button', 'inline-button', button.text);
            element.type = 'button';
            element.onclick = () => (button.request_contact ? this.share() : this.write(button.text));
            return element;
          }),
        );
        return line;
      }),
    );
  }
}

function piece(name, className, text = '') {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

const STYLES = {
  bold: 'b', italic: 'i', underline: 'u', strikethrough: 's', code: 'code', pre: 'pre', blockquote: 'blockquote', spoiler: 'em',
};

/** The text with its entities, whose places are in UTF-16 units as JavaScript's are. */
function formatted(text, entities, from = 0, to = text.length) {
  const nodes = [];
  let at = from;
  const inner = entities.filter(({ offset, length }) => offset >= from && offset + length <= to);
  for (const entity of inner) {
    const end = entity.offset + entity.length;
    if (entity.offset < at) continue;
    nodes.push(...linked(text.slice(at, entity.offset)));
    const element = document.createElement(entity.url ? 'a' : STYLES[entity.type] || 'span');
    if (entity.url) Object.assign(element, link(entity.url));
    if (entity.type === 'bot_command') element.className = 'command';
    element.append(...formatted(text, inner.slice(inner.indexOf(entity) + 1), entity.offset, end));
    nodes.push(element);
    at = end;
  }
  nodes.push(...linked(text.slice(at, to)));
  return nodes;
}

function link(url) {
  const onclick = (event) => {
    if (openApp(url)) event.preventDefault();
  };
  return { href: url, target: '_blank', rel: 'noopener', onclick };
}

/** Addresses in plain text can be followed, as in Telegram. */
function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/).map((part, index) => {
    if (index % 2 === 0) return part;
    return Object.assign(document.createElement('a'), link(part), { textContent: part });
  });
}

// ------------------------------------------------------------------------------------------------ the two chats

let driverChat = null;
let dispatchChat = null;
let chatRevision = 0;

async function startChats() {
  const [{ items: dispatchers }, about] = await Promise.all([
    ask('GET', '/telegram/dispatchers'), ask('GET', '/telegram/bot'),
  ]);
  byId('chats').hidden = false;
  byId('telegram').hidden = false;

  driverChat = new ChatView('driver', "The driver's chat with the bot");
  driverChat.id = Number(settings.driver);
  driverChat.from = () => driverChat.id;
  const open = driverChat.add(piece('button', 'chat-action', 'Open app'));
  open.onclick = () => launch({ startapp: '' });
  const contact = driverChat.add(piece('button', 'chat-action', 'Share contact'));
  contact.onclick = () => driverChat.share();
  const block = driverChat.add(piece('button', 'chat-action', 'Block'));
  block.onclick = () => driverChat.act(() => ask('POST', `/telegram/chats/${driverChat.id}/${block.dataset.action}`));
  driverChat.onDraw = ({ blocked }) => {
    block.textContent = blocked ? 'Unblock' : 'Block';
    block.dataset.action = blocked ? 'unblock' : 'block';
    contact.disabled = blocked;
  };

  dispatchChat = new ChatView('dispatch', "The dispatchers' chat");
  dispatchChat.id = about.dispatch_chat_id;
  const who = dispatchChat.add(document.createElement('select'));
  who.id = 'dispatcher';
  who.setAttribute('aria-label', 'Dispatcher');
  who.title = 'Who writes and presses here';
  who.append(...dispatchers.map((person) => new Option(`${person.first_name} ${person.last_name}`.trim(), String(person.id))));
  // Anybody may press a button that was forwarded by mistake; the product has to find out.
  dispatchChat.from = () => Number(who.value);

  addEventListener('driver', () => {
    driverChat.id = Number(settings.driver);
    driverChat.lastId = 0;
    driverChat.reply(null);
    chatRevision = 0;
    pollChats();
  });
  setInterval(pollChats, CHAT_POLL_MS);
  setInterval(() => drawTelegram().catch(() => {}), 5000);
  await Promise.all([pollChats(), drawTelegram()]);
}

let polling = null;

/** Draws the chats anew when something has changed. A call while one is under way asks again after it. */
function pollChats() {
  if (document.hidden && polling === null && chatRevision) return Promise.resolve();
  const poll = async () => {
    const { revision } = await ask('GET', '/telegram/chats');
    if (revision === chatRevision) return;
    const [driver, dispatch] = await Promise.all(
      [driverChat, dispatchChat].map(({ id }) => ask('GET', `/telegram/chats/${id}`).catch(() => null)),
    );
    chatRevision = revision;
    if (driver && driver.id === driverChat.id) driverChat.draw(driver);
    if (dispatch) dispatchChat.draw(dispatch);
  };
  polling = (polling || Promise.resolve()).then(poll).catch(() => {});
  const own = polling;
  own.then(() => {
    if (polling === own) polling = null;
  });
  return own;
}

// ---------------------------------------------------------------------------------------------- what goes wrong

const TELEGRAM_FAULTS = {
  down: { isOn: (f) => f.down, on: { down: true }, off: { down: false } },
  slow: { isOn: (f) => f.latency_ms >= 3000, on: { latency_ms: 3000 }, off: { latency_ms: 0 } },
  storm: {
    isOn: (f) => f.fail?.status === 429,
    on: { fail: { status: 429, method: 'sendMessage', retry_after: 5 } },
    off: { fail: undefined },
  },
  unheard: { isOn: (f) => Boolean(f.lose_webhooks), on: { lose_webhooks: {} }, off: { lose_webhooks: undefined } },
};

const QUEUE_FAULTS = {
  lose: { isOn: (s) => s.lose === 'all', on: { lose: 'all' }, off: { lose: null } },
  double: { isOn: (s) => s.double, on: { double: true }, off: { double: false } },
  refuse: { isOn: (s) => s.refuse === 'all', on: { refuse: true }, off: { refuse: null } },
};

let telegramFaults = {};
let queueSettings = {};

function drawFaults(id, faults, state) {
  for (const button of byId(id).children) {
    button.setAttribute('aria-pressed', String(Boolean(faults[button.dataset.fault].isOn(state))));
  }
}

async function drawTelegram() {
  if (document.hidden) return;
  const [faults, queues, webhook, about] = await Promise.all(
    ['/telegram/faults', '/queues', '/telegram/webhook', '/telegram/bot'].map((path) => ask('GET', path)),
  );
  [telegramFaults, queueSettings] = [faults, queues.settings];
  drawFaults('telegram-faults', TELEGRAM_FAULTS, faults);
  drawFaults('queue-faults', QUEUE_FAULTS, queues.settings);
  const queue = queues.queues.find(({ dead }) => dead !== null);
  const inQueue = queue ? `, queued: ${queue.waiting + queue.in_flight + queue.delayed}, dead: ${queue.dead}` : '';
  const error = webhook.last_error && webhook.pending ? ` (${webhook.last_error})` : '';
  byId('telegram-state').textContent = `updates: ${webhook.pending}${error}${inQueue}`;
  const commands = about.commands.flatMap(({ commands: own }) => own);
  byId('bot-commands').replaceChildren(...commands.map(({ command, description }) => new Option(description, `/${command}`)));
}

byId('telegram-faults').onclick = async ({ target }) => {
  const fault = TELEGRAM_FAULTS[target.dataset.fault];
  if (!fault) return;
  await ask('PUT', '/telegram/faults', { ...telegramFaults, ...(fault.isOn(telegramFaults) ? fault.off : fault.on) });
  await drawTelegram();
};
byId('queue-faults').onclick = async ({ target }) => {
  const fault = QUEUE_FAULTS[target.dataset.fault];
  if (!fault) return;
  await ask('PUT', '/queues', { ...queueSettings, ...(fault.isOn(queueSettings) ? fault.off : fault.on) });
  await drawTelegram();
};
