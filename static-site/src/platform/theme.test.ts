import { expect, it } from 'vitest';
import { themeVariables } from './theme';

function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const [r, g, b2] = [1, 3, 5].map((at) => {
      const share = parseInt(hex.slice(at, at + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * b2;
  };
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const light = {
  bg_color: '#ffffff',
  secondary_bg_color: '#efeff4',
  text_color: '#000000',
  accent_text_color: '#40a7e3',
  destructive_text_color: '#ff3b30',
  button_color: '#40a7e3',
  button_text_color: '#ffffff',
};
const dark = {
  bg_color: '#17212b',
  secondary_bg_color: '#232e3c',
  text_color: '#f5f5f5',
  accent_text_color: '#3a6ea5',
  destructive_text_color: '#ec3942',
  button_color: '#5288c1',
  button_text_color: '#ffffff',
};

it.each([
  ['light', light],
  ['dark', dark],
] as const)("keeps text of Telegram's %s theme readable on the card and on the page", (scheme, params) => {
  const theme = themeVariables(params);
  expect(theme?.scheme).toBe(scheme);
  const colors = theme?.variables as Record<string, string>;
  for (const ground of ['section-bg', 'secondary-bg']) {
    for (const name of ['text', 'hint', 'accent', 'destructive']) {
      expect(contrast(colors[name] as string, colors[ground] as string), `${name} on ${ground}`).toBeGreaterThanOrEqual(
        4.5,
      );
    }
  }
  expect(contrast(colors.button as string, colors['button-text'] as string)).toBeGreaterThanOrEqual(4.5);
});

it('leaves colours that are readable as they are', () => {
  expect(themeVariables({ ...light, accent_text_color: '#0b62b0' })?.variables).toMatchObject({
    accent: '#0b62b0',
    text: '#000000',
    'section-bg': '#ffffff',
    'secondary-bg': '#efeff4',
  });
});

it('leaves the style sheet alone when Telegram sends no background or nonsense', () => {
  expect(themeVariables({})).toBeNull();
  expect(themeVariables({ bg_color: 'red', text_color: '#000000' })).toBeNull();
});
