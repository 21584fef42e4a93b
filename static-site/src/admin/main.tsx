import { render } from 'solid-js/web';
import { AdminPage } from './AdminPage';
import { startAdmin } from './app';
import './admin.css';

const root = document.getElementById('app');
if (!root) throw new Error('index.html has no #app');

void startAdmin().then(() => render(() => <AdminPage />, root));
