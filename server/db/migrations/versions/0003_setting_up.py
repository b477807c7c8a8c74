"""Saved versions of the site document, floor plans, stills and who asked for them"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('site_versions',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('document', sa.JSON(), nullable=False),
    sa.Column('author', sa.String(length=80), nullable=False, comment="a user's or token's name, or `file`"),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('based_on', sa.Integer(), nullable=True, comment='the version it was made from; none for the first'),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_site_versions_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'version', name=op.f('pk_site_versions'))
    )
    op.create_table('plans',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('png', sa.LargeBinary(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_plans_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'sha256', name=op.f('pk_plans'))
    )
    op.create_table('stills',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('camera', sa.String(length=64), nullable=False),
    sa.Column('t_ms', sa.BigInteger(), nullable=False),
    sa.Column('jpeg', sa.LargeBinary(), nullable=False),
    sa.Column('landmarks', sa.JSON(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_stills_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'camera', name=op.f('pk_stills'))
    )
    with op.batch_alter_table('stills', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stills_t_ms'), ['t_ms'], unique=False)

    op.create_table('still_requests',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('box', sa.String(length=64), nullable=False),
    sa.Column('camera', sa.String(length=64), nullable=False),
    sa.Column('expires_ms', sa.BigInteger(), nullable=False, comment='a still that comes later is not taken'),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_still_requests_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'box', 'camera', name=op.f('pk_still_requests'))
    )
    with op.batch_alter_table('still_requests', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_still_requests_expires_ms'), ['expires_ms'], unique=False)


def downgrade() -> None:
    op.drop_table('still_requests')
    op.drop_table('stills')
    op.drop_table('plans')
    op.drop_table('site_versions')
