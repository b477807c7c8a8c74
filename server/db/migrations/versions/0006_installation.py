"""What an installation is known by, and which of its servers decides for a site"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('installation',
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('value', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_installation'))
    )
    op.create_table('leases',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('holder', sa.String(length=64), nullable=False, comment='the server that decides for its screens'),
    sa.Column('until_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_leases_site_sites'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', name=op.f('pk_leases'))
    )


def downgrade() -> None:
    op.drop_table('leases')
    op.drop_table('installation')
