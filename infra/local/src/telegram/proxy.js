// The object that Telegram's Android client adds to its web view.
window.TelegramWebviewProxy = {
  postEvent: function (name, data) {
    parent.postMessage({ source: 'web-view', name: name, data: data }, location.origin);
  },
};
