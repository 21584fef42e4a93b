/** Makes a picture of every screen, in every size and theme, for people to look at. `npm run shots [name…]` */
import { openBrowser, Phone, Product, shotsFolder, SIZES, THEMES } from './harness.js';
import { SCREENS } from './screens.js';

const wanted = process.argv.slice(2);
const [product, browser] = await Promise.all([Product.start(), openBrowser()]);
try {
  for (const size of SIZES) {
    for (const theme of THEMES) {
      for (const [name, reach] of Object.entries(SCREENS)) {
        if (wanted.length > 0 && !wanted.includes(name)) continue;
        const phone = await Phone.make(product, { size, theme });
        try {
          await reach(phone);
          await phone.shot(`${name}-${size.width}-${theme}`);
        } catch (error) {
          await phone.shot(`failed: ${name}`);
          throw error;
        } finally {
          await phone.close();
          await product.calm();
        }
      }
    }
  }
  console.log(`The pictures are in ${shotsFolder}`);
} finally {
  await browser.close();
  await product.stop();
}
