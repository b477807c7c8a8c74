"""Alarms, and what webhooks wait for"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('alarms',
    sa.Column('id', ROW, autoincrement=True, nullable=False),
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('subject', sa.String(length=64), nullable=False, comment='zone or camera; empty for the store'),
    sa.Column('raised_ms', sa.BigInteger(), nullable=False),
    sa.Column('held_ms', sa.BigInteger(), nullable=False),
    sa.Column('cleared_ms', sa.BigInteger(), nullable=True),
    sa.Column('value', sa.Float(), nullable=True),
    sa.Column('limit', sa.Float(), nullable=True),
    sa.Column('seen_by', sa.String(length=80), nullable=True),
    sa.Column('seen_ms', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_alarms_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alarms'))
    )
    with op.batch_alter_table('alarms', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alarms_site_raised_ms'), ['site', 'raised_ms'], unique=False)

    op.create_table('deliveries',
    sa.Column('id', ROW, autoincrement=True, nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.Column('due_ms', sa.BigInteger(), nullable=True, comment='null: given up'),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('trouble', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deliveries'))
    )
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_deliveries_due_ms'), ['due_ms'], unique=False)


def downgrade() -> None:
    op.drop_table('deliveries')
    op.drop_table('alarms')
