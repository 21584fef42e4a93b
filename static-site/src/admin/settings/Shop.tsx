import { createSignal, Show } from 'solid-js';
import type { Shop } from '../../api/admin';
import { showToast } from '../../ui/toast';
import { api, may } from '../app';
import { w } from '../messages';
import { Facts, Moment, Opens, Panel } from '../ui/bits';
import { CommandDialog } from '../ui/Dialog';
import { Input } from '../ui/fields';

/** The shop at YooKassa. Its key goes in and never comes out. */
export function ShopPanel(props: { shop: Shop; onSaved: (shop: Shop) => void }) {
  const words = () => w().settings;
  return (
    <Panel title={words().shop} testId="shop">
      <Facts
        facts={[
          [words().shopId, props.shop.shop_id || '—', 'shop-id'],
          [words().secretKey, '••••••••'],
          [words().shopChanged, <Moment at={props.shop.changed_at} />],
        ]}
      />
      <Show when={may('change_secrets')}>
        <div class="actions">
          <Opens
            text={words().shopChange}
            testId="shop-change"
            dialog={(close) => <ShopDialog shop={props.shop} onClose={close} onSaved={props.onSaved} />}
          />
        </div>
      </Show>
    </Panel>
  );
}

function ShopDialog(props: { shop: Shop; onClose: () => void; onSaved: (shop: Shop) => void }) {
  const words = () => w().settings;
  const [shop, setShop] = createSignal(props.shop.shop_id);
  const [key, setKey] = createSignal('');
  return (
    <CommandDialog
      title={words().shopChange}
      text={<p>{words().shopText}</p>}
      submit={words().shopSave}
      testId="shop-dialog"
      onClose={props.onClose}
      check={() => ({
        shop_id: /^\d{1,20}$/.test(shop().trim()) ? undefined : words().wrongShop,
        secret_key: key().trim() === '' ? words().wrongKey : undefined,
      })}
      run={async () => {
        const saved = await api.saveShop(shop().trim(), key().trim());
        setKey('');
        props.onSaved(saved);
        showToast(words().shopSaved);
      }}
    >
      {(form) => (
        <>
          <Input
            label={words().shopId}
            name="shop_id"
            inputmode="numeric"
            value={shop()}
            onInput={setShop}
            form={form}
          />
          <Input
            label={words().secretKey}
            name="secret_key"
            type="password"
            autocomplete="new-password"
            value={key()}
            onInput={setKey}
            form={form}
            focus
          />
        </>
      )}
    </CommandDialog>
  );
}
