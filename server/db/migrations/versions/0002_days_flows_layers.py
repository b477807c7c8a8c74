"""Days, flows, heat in layers; packed arrays in narrow integers"""

import struct
import zlib
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

ID = sa.String(length=64)
ROW = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
HANDOVERS = ('handovers_taken', 'handovers_guessed', 'handovers_missed')
ROWS = 2000


def upgrade() -> None:
    _count('windows', *HANDOVERS)
    op.add_column('windows', sa.Column('moved', sa.Boolean(), nullable=False, server_default=sa.false()))
    _count('window_zones', 'stops', 'reentries')
    _count('hours', *HANDOVERS, type_=sa.BigInteger())
    op.add_column('hours', sa.Column('moved_s', sa.Float(), nullable=False, server_default='0'))
    _count('hour_zones', 'stops', 'reentries', type_=sa.BigInteger())
    for table in ('window_heat', 'hour_heat'):
        with op.batch_alter_table(table) as batch:
            batch.alter_column('cells', existing_type=sa.LargeBinary(), nullable=True)
    op.create_table('window_flows',
    sa.Column('window_id', ROW, sa.ForeignKey('windows.id', name='fk_window_flows_window_id', ondelete='CASCADE'), nullable=False),
    sa.Column('source', ID, nullable=False),
    sa.Column('target', ID, nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('window_id', 'source', 'target', name='pk_window_flows'),
    sqlite_with_rowid=False
    )
    op.create_table('days',
    sa.Column('site', ID, sa.ForeignKey('sites.site', name='fk_days_site', ondelete='CASCADE'), nullable=False),
    sa.Column('day_ms', sa.BigInteger(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('site', 'day_ms', name='pk_days')
    )
    op.create_table('day_totals',
    sa.Column('site', ID, nullable=False),
    sa.Column('day_ms', sa.BigInteger(), nullable=False),
    sa.Column('camera', ID, nullable=False),
    sa.Column('observed_s', sa.Float(), nullable=False),
    sa.Column('moved_s', sa.Float(), nullable=False),
    sa.Column('frames', sa.BigInteger(), nullable=False),
    sa.Column('presence_s', sa.Float(), nullable=False),
    sa.Column('occupancy_max', sa.Integer(), nullable=False),
    sa.Column('handovers_taken', sa.BigInteger(), nullable=False),
    sa.Column('handovers_guessed', sa.BigInteger(), nullable=False),
    sa.Column('handovers_missed', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['site', 'day_ms'], ['days.site', 'days.day_ms'], name='fk_day_totals_site_day_ms', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'day_ms', 'camera', name='pk_day_totals')
    )
    _part('hour', 'flows', ['source', 'target'], *_flows(), sqlite_with_rowid=False)
    _part('day', 'flows', ['source', 'target'], *_flows(), sqlite_with_rowid=False)
    _part('day', 'lines', ['line'],
    sa.Column('line', ID, nullable=False),
    sa.Column('entered', sa.BigInteger(), nullable=False),
    sa.Column('left', sa.BigInteger(), nullable=False),
    sa.Column('observed_s', sa.Float(), nullable=False),
    )
    _part('day', 'zones', ['zone'],
    sa.Column('zone', ID, nullable=False),
    sa.Column('entries', sa.BigInteger(), nullable=False),
    sa.Column('visits', sa.BigInteger(), nullable=False),
    sa.Column('presence_s', sa.Float(), nullable=False),
    sa.Column('dwell_sum_s', sa.Float(), nullable=False),
    sa.Column('occupancy_max', sa.Integer(), nullable=False),
    sa.Column('observed_s', sa.Float(), nullable=False),
    sa.Column('stops', sa.BigInteger(), nullable=False),
    sa.Column('reentries', sa.BigInteger(), nullable=False),
    sa.Column('dwell', sa.LargeBinary(), nullable=True),
    )
    _part('day', 'heat', ['grid_id'],
    sa.Column('grid_id', ROW, sa.ForeignKey('heat_grids.id', name='fk_day_heat_grid_id', ondelete='CASCADE'), nullable=False),
    sa.Column('observed_s', sa.Float(), nullable=False),
    sa.Column('cells', sa.LargeBinary(), nullable=True),
    )
    _repack_all()
    _leave_to_be_recut()


def downgrade() -> None:
    raise NotImplementedError('days, flows and the layers of heat would be lost; restore a backup instead')


def _count(table: str, *names: str, type_: sa.types.TypeEngine[int] = sa.Integer()) -> None:
    for name in names:
        op.add_column(table, sa.Column(name, type_, nullable=False, server_default='0'))


def _flows() -> list[sa.Column[Any]]:
    return [
        sa.Column('source', ID, nullable=False),
        sa.Column('target', ID, nullable=False),
        sa.Column('n', sa.BigInteger(), nullable=False),
    ]


def _part(level: str, subject: str, own_key: list[str], *columns: sa.Column[Any], **options: bool) -> None:
    name, key = f'{level}_{subject}', ['site', f'{level}_ms', 'camera']
    parent = {'hour': 'hours', 'day': 'day_totals'}[level]
    op.create_table(name,
    sa.Column('site', ID, nullable=False),
    sa.Column(f'{level}_ms', sa.BigInteger(), nullable=False),
    sa.Column('camera', ID, nullable=False),
    *columns,
    sa.ForeignKeyConstraint(key, [f'{parent}.{column}' for column in key], name=f'fk_{name}_' + '_'.join(key), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint(*key, *own_key, name=f'pk_{name}'),
    **options
    )


def _repack_all() -> None:
    """Until now: 4-byte indices, then float32 values; dwell as one row of 4 x 24, heat as seconds."""
    shapes = op.get_bind().execute(sa.text('SELECT id, "rows", "columns" FROM heat_grids'))
    grids = {row.id: row.rows * row.columns for row in shapes}
    hour = ['site', 'hour_ms', 'camera']
    _repack('window_zones', ['window_id', 'zone'], 'dwell', None)
    _repack('hour_zones', [*hour, 'zone'], 'dwell', None)
    _repack('window_heat', ['window_id', 'grid_id'], 'cells', grids)
    _repack('hour_heat', [*hour, 'grid_id'], 'cells', grids)


def _repack(name: str, key: list[str], column: str, grids: dict[int, int] | None) -> None:
    table = sa.table(name, *map(sa.column, key), sa.column(column, sa.LargeBinary()))
    columns = [table.c[part] for part in key]
    mine = sa.and_(*(table.c[part] == sa.bindparam(f'k_{part}') for part in key))
    renew = sa.update(table).where(mine).values({column: sa.bindparam('packed')})
    conn, last = op.get_bind(), None
    while True:
        query = sa.select(*columns, table.c[column]).where(table.c[column].is_not(None)).order_by(*columns).limit(ROWS)
        rows = conn.execute(query if last is None else query.where(sa.tuple_(*columns) > sa.tuple_(*last))).all()
        if not rows:
            return
        last = tuple(rows[-1][:-1])
        conn.execute(renew, [
            {f'k_{part}': value for part, value in zip(key, row)}
            | {'packed': _pack_table(row[-1]) if grids is None else _pack_grid(row[-1], grids[row.grid_id])}
            for row in rows
        ])


def _unpack(old: bytes) -> tuple[np.ndarray, np.ndarray]:
    n = len(old) // 8
    return np.frombuffer(old, '<u4', n), np.frombuffer(old, '<f4', offset=4 * n, count=n).astype(float)


def _pack_table(old: bytes) -> bytes | None:
    cells, counts = _unpack(old)
    pairs = np.empty(len(cells), [('cell', 'u1'), ('count', '<u8')])
    pairs['cell'], pairs['count'] = cells, np.rint(counts)
    return pairs.tobytes() or None


def _pack_grid(old: bytes, cells: int) -> bytes | None:
    counts = np.zeros((4, cells), np.int64)
    index, seconds = _unpack(old)
    np.add.at(counts[0], index, np.rint(seconds * 1000).astype(np.int64))
    return zlib.compress(b''.join(map(_pack_row, counts)), 1) if counts.any() else None


def _pack_row(row: np.ndarray) -> bytes:
    index = np.flatnonzero(row)
    parts = [np.diff(index, prepend=0), row[index]]
    widths = [next(i for i in range(4) if part.max(initial=0) < 256 ** (1 << i)) for part in parts]
    packed = [part.astype(f'<u{1 << width}').tobytes() for part, width in zip(parts, widths)]
    return struct.pack('<BBI', *widths, len(index)) + b''.join(packed)


def _leave_to_be_recut() -> None:
    """Hours were cut in UTC. Where the site's hours begin otherwise, its next start cuts them anew for that."""
    sites = sa.table('sites', sa.column('site'), sa.column('timezone'))
    conn, now = op.get_bind(), datetime.now(timezone.utc)
    for site, name in conn.execute(sa.select(sites.c.site, sites.c.timezone)).all():
        offset = now.astimezone(ZoneInfo(name)).utcoffset()
        if offset and offset.total_seconds() % 3600:
            conn.execute(sa.update(sites).where(sites.c.site == site).values(timezone='UTC'))
