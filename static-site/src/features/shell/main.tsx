import { render } from 'solid-js/web';
import { startApp } from './app';
import { Shell } from './Shell';
import './style.css';

const root = document.getElementById('app');
if (!root) throw new Error('index.html has no #app');

void startApp().then(() => {
  root.textContent = '';
  render(() => <Shell />, root);
});
