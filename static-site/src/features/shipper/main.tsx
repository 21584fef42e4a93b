import { render } from 'solid-js/web';
import { guardPresses } from '../../platform/pressGuard';
import { tokenIn } from './decision';
import { ShipperPage } from './ShipperPage';
import { words } from './words';
import './shipper.css';

const root = document.getElementById('app');
if (!root) throw new Error('index.html has no #app');

document.documentElement.lang = words.language;
document.title = words.title;
// Another link in the same tab changes the hash alone.
window.addEventListener('hashchange', () => location.reload());
guardPresses();
render(() => <ShipperPage token={tokenIn(location.hash)} />, root);
