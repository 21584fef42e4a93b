/** What Telegram's back button closes before it leads back; the last opened first. */
const covers: (() => void)[] = [];

/** Puts something over the page that "back" closes; the answer takes it away. */
export function coverBack(close: () => void): () => void {
  covers.push(close);
  return () => {
    const at = covers.indexOf(close);
    if (at >= 0) covers.splice(at, 1);
  };
}

/** Closes what lies on top; false when nothing does. */
export function closeCover(): boolean {
  const close = covers[covers.length - 1];
  close?.();
  return close !== undefined;
}
