"""Screens, campaigns, plays and their audience"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('media',
    sa.Column('sha256', sa.String(length=64), nullable=False, comment='also the name of its file, or of its folder for a package'),
    sa.Column('kind', sa.String(length=8), nullable=False, comment='image, video or html'),
    sa.Column('type', sa.String(length=80), nullable=False),
    sa.Column('bytes', sa.BigInteger(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('seconds', sa.Float(), nullable=True, comment='of a video'),
    sa.Column('preview', sa.LargeBinary(), nullable=True, comment='JPEG, at most 640 px; none where it could not be drawn'),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_media'))
    )
    op.create_table('pairings',
    sa.Column('code', sa.String(length=12), nullable=False, comment='shown on the screen, typed in by an administrator'),
    sa.Column('secret_hash', sa.String(length=64), nullable=False, comment='by which the player asks for its token'),
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('screen', sa.String(length=64), nullable=False),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.Column('expires_ms', sa.BigInteger(), nullable=False),
    sa.Column('player', sa.String(length=32), nullable=True, comment='once an administrator said yes'),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_pairings')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_pairings_secret_hash'))
    )
    with op.batch_alter_table('pairings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pairings_expires_ms'), ['expires_ms'], unique=False)

    op.create_table('audience',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('box', sa.String(length=64), nullable=False),
    sa.Column('camera', sa.String(length=64), nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.Column('segment', sa.String(length=64), nullable=False),
    sa.Column('digest', sa.String(length=12), nullable=False, comment="of the segment's definition: others are never added up"),
    sa.Column('t_start_ms', sa.BigInteger(), nullable=False),
    sa.Column('t_end_ms', sa.BigInteger(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('of', sa.Integer(), nullable=False),
    sa.Column('dwell_sum_s', sa.Float(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_audience_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audience')),
    sa.UniqueConstraint('site', 'box', 'camera', 'zone', 'segment', 'digest', 't_start_ms', name='uq_audience')
    )
    with op.batch_alter_table('audience', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audience_site_t_end_ms'), ['site', 't_end_ms'], unique=False)

    op.create_table('campaign_log',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('campaign', sa.String(length=64), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('t_ms', sa.BigInteger(), nullable=False),
    sa.Column('who', sa.String(length=80), nullable=False),
    sa.Column('what', sa.String(length=24), nullable=False, comment='saved, submitted, approved, refused, paused, resumed, ended'),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('document', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_campaign_log_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaign_log'))
    )
    with op.batch_alter_table('campaign_log', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_campaign_log_site_campaign_t_ms'), ['site', 'campaign', 't_ms'], unique=False)

    op.create_table('campaigns',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('campaign', sa.String(length=64), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=12), nullable=False, comment='draft, waiting, approved, paused or ended'),
    sa.Column('document', sa.JSON(), nullable=False),
    sa.Column('author', sa.String(length=80), nullable=False),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.Column('changed_ms', sa.BigInteger(), nullable=False),
    sa.Column('approved_by', sa.String(length=80), nullable=True),
    sa.Column('approved_ms', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_campaigns_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'campaign', name=op.f('pk_campaigns'))
    )
    op.create_table('creatives',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('creative', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('media', sa.String(length=64), nullable=False),
    sa.Column('seconds', sa.Float(), nullable=False, comment='how long one play lasts'),
    sa.Column('portrait', sa.Boolean(), nullable=True, comment='null fits any screen'),
    sa.Column('landing', sa.String(length=64), nullable=True, comment='its QR code leads to this page'),
    sa.Column('author', sa.String(length=80), nullable=False),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.Column('archived_ms', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['media'], ['media.sha256'], name=op.f('fk_creatives_media')),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_creatives_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'creative', name=op.f('pk_creatives'))
    )
    op.create_table('decisions',
    sa.Column('decision', sa.String(length=64), nullable=False),
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('screen', sa.String(length=64), nullable=False),
    sa.Column('t_ms', sa.BigInteger(), nullable=False),
    sa.Column('campaign', sa.String(length=64), nullable=True, comment='chosen, also where its arm put the default in its place; null: nothing to choose'),
    sa.Column('creative', sa.String(length=64), nullable=True, comment='what is shown; null: the default'),
    sa.Column('arm', sa.String(length=10), nullable=True),
    sa.Column('propensity', sa.Float(), nullable=False, comment='chance of this creative in this context'),
    sa.Column('reason', sa.JSON(), nullable=False, comment='code and figures, for a sentence in any language'),
    sa.Column('context', sa.JSON(), nullable=False, comment='what the decision was made from, to be replayed'),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_decisions_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('decision', name=op.f('pk_decisions'))
    )
    with op.batch_alter_table('decisions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_decisions_site_campaign_t_ms'), ['site', 'campaign', 't_ms'], unique=False)
        batch_op.create_index(batch_op.f('ix_decisions_site_screen_t_ms'), ['site', 'screen', 't_ms'], unique=False)
        batch_op.create_index(batch_op.f('ix_decisions_site_t_ms'), ['site', 't_ms'], unique=False)

    op.create_table('landings',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('landing', sa.String(length=64), nullable=False),
    sa.Column('document', sa.JSON(), nullable=False),
    sa.Column('author', sa.String(length=80), nullable=False),
    sa.Column('changed_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_landings_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'landing', name=op.f('pk_landings'))
    )
    op.create_table('players',
    sa.Column('player', sa.String(length=32), nullable=False),
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('screen', sa.String(length=64), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('paired_by', sa.String(length=80), nullable=False),
    sa.Column('paired_ms', sa.BigInteger(), nullable=False),
    sa.Column('seen_ms', sa.BigInteger(), nullable=True),
    sa.Column('health', sa.JSON(), nullable=True, comment='what it last said of itself'),
    sa.Column('revoked_ms', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_players_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('player', name=op.f('pk_players')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_players_token_hash'))
    )
    with op.batch_alter_table('players', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_players_site_screen'), ['site', 'screen'], unique=False)

    op.create_table('plays',
    sa.Column('play', sa.String(length=64), nullable=False),
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('screen', sa.String(length=64), nullable=False),
    sa.Column('player', sa.String(length=32), nullable=False, comment='or `mqtt` for other players'),
    sa.Column('decision', sa.String(length=64), nullable=True),
    sa.Column('campaign', sa.String(length=64), nullable=True),
    sa.Column('campaign_name', sa.String(length=120), nullable=False, comment='as it was called then'),
    sa.Column('creative', sa.String(length=64), nullable=True),
    sa.Column('creative_name', sa.String(length=120), nullable=False),
    sa.Column('started_ms', sa.BigInteger(), nullable=False),
    sa.Column('seconds', sa.Float(), nullable=False),
    sa.Column('outcome', sa.String(length=8), nullable=False),
    sa.Column('cached', sa.Boolean(), nullable=False),
    sa.Column('trouble', sa.Text(), nullable=True),
    sa.Column('received_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_plays_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('play', name=op.f('pk_plays'))
    )
    with op.batch_alter_table('plays', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_plays_site_campaign_started_ms'), ['site', 'campaign', 'started_ms'], unique=False)
        batch_op.create_index(batch_op.f('ix_plays_site_screen_started_ms'), ['site', 'screen', 'started_ms'], unique=False)
        batch_op.create_index(batch_op.f('ix_plays_site_started_ms'), ['site', 'started_ms'], unique=False)

    op.create_table('scans',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('landing', sa.String(length=64), nullable=False),
    sa.Column('campaign', sa.String(length=64), nullable=False, comment='empty without one'),
    sa.Column('creative', sa.String(length=64), nullable=False),
    sa.Column('screen', sa.String(length=64), nullable=False),
    sa.Column('slot_ms', sa.BigInteger(), nullable=False, comment='ten-minute slot: no finer, so that nobody is found again'),
    sa.Column('what', sa.String(length=12), nullable=False, comment='scan, redeem, join or answer'),
    sa.Column('answer', sa.String(length=40), nullable=False, comment='of a poll; empty otherwise'),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_scans_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scans')),
    sa.UniqueConstraint('site', 'landing', 'creative', 'screen', 'campaign', 'slot_ms', 'what', 'answer', name='uq_scans')
    )
    with op.batch_alter_table('scans', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scans_site_campaign_slot_ms'), ['site', 'campaign', 'slot_ms'], unique=False)

    op.create_table('screen_settings',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('screen', sa.String(length=64), nullable=False),
    sa.Column('default_creative', sa.String(length=64), nullable=True, comment="plays when nothing else may; null: the player's own house picture"),
    sa.Column('screenshots', sa.Boolean(), nullable=False, comment='whether an administrator may ask what it shows'),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_screen_settings_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'screen', name=op.f('pk_screen_settings'))
    )
    op.create_table('screenshots',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('screen', sa.String(length=64), nullable=False),
    sa.Column('asked_ms', sa.BigInteger(), nullable=False),
    sa.Column('t_ms', sa.BigInteger(), nullable=True),
    sa.Column('jpeg', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_screenshots_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'screen', name=op.f('pk_screenshots'))
    )
    op.create_table('triggers',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('value', sa.String(length=80), nullable=False),
    sa.Column('set_ms', sa.BigInteger(), nullable=False),
    sa.Column('until_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_triggers_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'name', name=op.f('pk_triggers'))
    )
    op.create_table('window_screens',
    sa.Column('window_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('screen', sa.String(length=64), nullable=False),
    sa.Column('creative', sa.String(length=64), nullable=False, comment='empty for the default, or what the box did not know'),
    sa.Column('shown_s', sa.Float(), nullable=False),
    sa.Column('ots', sa.Integer(), nullable=False),
    sa.Column('viewers', sa.Integer(), nullable=False),
    sa.Column('attention_s', sa.Float(), nullable=False),
    sa.ForeignKeyConstraint(['window_id'], ['windows.id'], name=op.f('fk_window_screens_window_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('window_id', 'screen', 'creative', name=op.f('pk_window_screens'))
    )


def downgrade() -> None:
    op.drop_table('window_screens')
    op.drop_table('triggers')
    op.drop_table('screenshots')
    op.drop_table('screen_settings')
    with op.batch_alter_table('scans', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_scans_site_campaign_slot_ms'))

    op.drop_table('scans')
    with op.batch_alter_table('plays', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_plays_site_started_ms'))
        batch_op.drop_index(batch_op.f('ix_plays_site_screen_started_ms'))
        batch_op.drop_index(batch_op.f('ix_plays_site_campaign_started_ms'))

    op.drop_table('plays')
    with op.batch_alter_table('players', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_players_site_screen'))

    op.drop_table('players')
    op.drop_table('landings')
    with op.batch_alter_table('decisions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_decisions_site_t_ms'))
        batch_op.drop_index(batch_op.f('ix_decisions_site_screen_t_ms'))
        batch_op.drop_index(batch_op.f('ix_decisions_site_campaign_t_ms'))

    op.drop_table('decisions')
    op.drop_table('creatives')
    op.drop_table('campaigns')
    with op.batch_alter_table('campaign_log', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_campaign_log_site_campaign_t_ms'))

    op.drop_table('campaign_log')
    with op.batch_alter_table('audience', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audience_site_t_end_ms'))

    op.drop_table('audience')
    with op.batch_alter_table('pairings', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_pairings_expires_ms'))

    op.drop_table('pairings')
    op.drop_table('media')
