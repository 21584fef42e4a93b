/** Colours as Telegram sends them: `bg_color: '#ffffff'`, every one optional. */
export type ThemeParams = Record<string, string | undefined>;

type Rgb = [number, number, number];

/** `--tint` of the style sheet. */
const TINT: Rgb = [110, 125, 145];
const TINT_SHARE = 0.14;

function parseColor(text: string | undefined): Rgb | null {
  const hex = /^#([0-9a-f]{6})$/i.exec(text ?? '')?.[1];
  if (!hex) return null;
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)) as Rgb;
}

function toHex(color: Rgb): string {
  return `#${color.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

/** WCAG relative luminance, 0 (black) to 1 (white). */
function luminance(color: Rgb): number {
  const [r, g, b] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return a.map((part, at) => part + ((b[at] ?? 0) - part) * share) as Rgb;
}

/** Moves `color` towards black or white until text reads on `ground` (WCAG AA, 4.5 to 1): cabs are sunny. */
function readable(color: Rgb, ground: Rgb): Rgb {
  const target: Rgb = luminance(ground) > 0.18 ? [0, 0, 0] : [255, 255, 255];
  for (let share = 0; share < 1; share += 0.1) {
    const candidate = mix(color, target, share);
    // Rounded first: the browser paints whole steps.
    if (contrast(parseColor(toHex(candidate)) ?? candidate, ground) >= 4.5) return candidate;
  }
  return target;
}

/**
 * The CSS variables of a Telegram theme, corrected where its colours would be hard to read, and the scheme it amounts to.
 * Null when Telegram sent no background: then the style sheet's own colours hold.
 */
export function themeVariables(
  params: ThemeParams,
): { scheme: 'light' | 'dark'; variables: Record<string, string> } | null {
  const page = parseColor(params.secondary_bg_color) ?? parseColor(params.bg_color);
  const card = parseColor(params.section_bg_color) ?? parseColor(params.bg_color);
  if (!page || !card) return null;
  const scheme = luminance(card) > 0.18 ? 'light' : 'dark';
  const text = readable(parseColor(params.text_color) ?? (scheme === 'light' ? [0, 0, 0] : [255, 255, 255]), card);
  // Text stands on the card and on the page; the one nearer to the text's own colour decides.
  const ground = contrast(text, page) < contrast(text, card) ? page : card;
  const variables: Record<string, string> = {
    'secondary-bg': toHex(page),
    'section-bg': toHex(card),
    text: toHex(text),
    hint: toHex(readable(mix(text, ground, 0.35), ground)),
  };
  // Most buttons with these colours are tinted, which brings their ground nearer to them.
  const tinted = mix(ground, TINT, TINT_SHARE);
  const accent = parseColor(params.accent_text_color) ?? parseColor(params.link_color);
  if (accent) variables.accent = toHex(readable(accent, tinted));
  const destructive = parseColor(params.destructive_text_color);
  if (destructive) variables.destructive = toHex(readable(destructive, tinted));
  const button = parseColor(params.button_color);
  const buttonText = parseColor(params.button_text_color);
  if (button && buttonText) {
    variables.button = toHex(readable(button, buttonText));
    variables['button-text'] = toHex(buttonText);
  }
  return { scheme, variables };
}
