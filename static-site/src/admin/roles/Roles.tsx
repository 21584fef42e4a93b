import { createSignal, Show } from 'solid-js';
import { ROLES, type Role, type RoleRow } from '../../api/admin';
import { showToast } from '../../ui/toast';
import { api, may, me } from '../app';
import { w } from '../messages';
import { Badge, DriverLink, Moment, Opens } from '../ui/bits';
import { type Column, DataList } from '../ui/DataList';
import { CommandDialog } from '../ui/Dialog';
import { Input, Select } from '../ui/fields';
import { createList } from '../ui/load';

/** Who is an admin, and what each may. */
export function RolesSection() {
  const words = () => w().roles;
  const list = createList<RoleRow>(
    () => 'roles',
    () => ({}),
  );
  const changeable = (row: RoleRow) => may('change_roles') && !row.configured && row.driver_id !== me()?.id;
  const columns = (): Column<RoleRow>[] => [
    { title: words().name, plain: true, cell: (row) => <DriverLink id={row.driver_id} name={row.name} /> },
    {
      title: words().role,
      plain: true,
      cell: (row) => <Badge tone={row.role === 'owner' ? 'good' : 'plain'}>{words().names[row.role]}</Badge>,
    },
    { title: words().id, cell: (row) => row.driver_id },
    { title: words().given, cell: (row) => (row.configured ? words().configured : <Moment at={row.given_at} />) },
    {
      title: words().by,
      cell: (row) => (row.given_by === null ? '—' : <DriverLink id={row.given_by.id} name={row.given_by.name} />),
    },
    {
      title: words().action,
      cell: (row) => (
        <Show when={changeable(row)} fallback={row.driver_id === me()?.id ? words().you : '—'}>
          <span class="actions">
            <Opens
              text={words().change}
              testId="role-change"
              dialog={(close) => <GiveDialog row={row} onClose={close} onDone={() => void list.reload()} />}
            />
            <Opens
              text={words().take}
              testId="role-take"
              danger
              dialog={(close) => (
                <CommandDialog
                  title={words().takeTitle(row.name)}
                  text={<p>{words().takeText}</p>}
                  submit={words().take}
                  danger
                  onClose={close}
                  run={async () => {
                    await api.takeRole(String(row.driver_id));
                    list.change(row, null);
                    showToast(words().taken);
                  }}
                />
              )}
            />
          </span>
        </Show>
      ),
    },
  ];
  return (
    <>
      <Show when={may('change_roles')}>
        <div class="actions">
          <Opens
            text={words().give}
            testId="role-give"
            main
            dialog={(close) => <GiveDialog row={null} onClose={close} onDone={() => void list.reload()} />}
          />
        </div>
      </Show>
      <DataList list={list} columns={columns()} label={w().sections.roles} testId="role-row" empty={words().empty} />
      <dl class="legend">
        {ROLES.map((role) => (
          <div>
            <dt>{words().names[role]}</dt>
            <dd>{words().about[role]}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function GiveDialog(props: { row: RoleRow | null; onClose: () => void; onDone: () => void }) {
  const words = () => w().roles;
  const [id, setId] = createSignal(props.row ? String(props.row.driver_id) : '');
  const [role, setRole] = createSignal<Role>(props.row?.role ?? 'support');
  return (
    <CommandDialog
      title={props.row ? words().changeTitle(props.row.name) : words().giveTitle}
      text={<p>{words().about[role()]}</p>}
      submit={props.row ? words().change : words().give}
      onClose={props.onClose}
      check={() => ({ driver_id: /^\d{1,15}$/.test(id().trim()) ? undefined : words().idWrong })}
      run={async () => {
        await api.giveRole(id().trim(), role());
        props.onDone();
        showToast(words().given_);
      }}
    >
      {(form) => (
        <>
          <Show when={!props.row}>
            <Input
              label={w().driverId}
              name="driver_id"
              inputmode="numeric"
              value={id()}
              onInput={setId}
              form={form}
              hint={words().idHint}
            />
          </Show>
          <Select
            label={words().role}
            name="role"
            value={role()}
            onChange={(value) => setRole(value as Role)}
            options={ROLES.map((each) => [each, words().names[each]] as const)}
            error={form.wrong('role')}
          />
        </>
      )}
    </CommandDialog>
  );
}
