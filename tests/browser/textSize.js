/** How a screen holds text that its reader has made larger, on the narrowest phone. */

/** What readers set in their browser or phone, in percent. */
export const TEXT_SIZES = [100, 130, 200];
const DEFAULT_PX = 16;

/** Sets the size of text as a browser's settings do. */
export async function setTextSize(phone, percent) {
  phone.fontSettings ??= await phone.context.newCDPSession(phone.page);
  const size = Math.round((DEFAULT_PX * percent) / 100);
  await phone.fontSettings.send('Page.setFontSizes', { fontSizes: { standard: size, fixed: size } });
  await phone.page.waitForFunction(
    (px) => parseFloat(getComputedStyle(document.documentElement).fontSize) === px,
    size,
  );
}

/** How many texts the page has as it is now, and what does not fit, a line each: `{ measured, found }`. */
export async function misfits(phone) {
  return phone.page.evaluate(measure);
}

/** Runs in the page. */
function measure() {
  for (const item of document.querySelectorAll('.cards > li')) item.style.contentVisibility = 'visible';
  const found = new Set();
  const width = document.documentElement.clientWidth;
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > width) found.add(`the page is ${scrollWidth} wide on ${width}`);
  const name = (element) =>
    `${element.tagName.toLowerCase()}.${String(element.className?.baseVal ?? element.className)
      .trim()
      .replace(/\s+/g, '.')}`;
  /** Whether one may scroll sideways to the element, or it is cut on purpose. */
  const reached = (element) => {
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      const { overflowX, textOverflow } = getComputedStyle(at);
      if (overflowX === 'auto' || overflowX === 'scroll' || textOverflow === 'ellipsis') return true;
    }
    return false;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let measured = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (
      !node.data.trim() ||
      !element.checkVisibility({ opacityProperty: true }) ||
      element.closest('.visually-hidden, script, style, option')
    )
      continue;
    measured += 1;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box =
      element.closest('.button, .chip, .state, .card, .panel, .banner, .toast, td, [role=dialog], .main-action') ??
      document.body;
    const [left, right] =
      box === document.body ? [0, width] : [box.getBoundingClientRect().left, box.getBoundingClientRect().right];
    for (const rect of range.getClientRects()) {
      const out = rect.right > Math.min(right, width) + 1 || rect.left < Math.max(left, 0) - 1;
      if (out && !reached(element)) found.add(`"${node.data.trim().slice(0, 40)}" leaves ${name(box)}`);
    }
    // Addresses and codes are no words.
    for (const token of node.data.matchAll(/\S+/g)) {
      if (/[@_]|:\/\/|\p{L}\d|\d\p{L}/u.test(token[0])) continue;
      for (const word of token[0].matchAll(/\p{L}{2,}/gu)) {
        range.setStart(node, token.index + word.index);
        range.setEnd(node, token.index + word.index + word[0].length);
        const tops = new Set(
          [...range.getClientRects()].filter((rect) => rect.width > 0).map((rect) => Math.round(rect.top)),
        );
        if (tops.size > 1) found.add(`"${word[0]}" is broken in ${name(element)}`);
      }
    }
  }
  return { measured, found: [...found] };
}
