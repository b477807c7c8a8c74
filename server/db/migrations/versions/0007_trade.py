"""What is sold, what the programme tells, what is advised"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('advice',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('key', sa.String(length=300), nullable=False, comment='what is advised; the same advice keeps its key'),
    sa.Column('document', sa.JSON(), nullable=False, comment='the advice, and what a test of it would take'),
    sa.Column('rank', sa.Integer(), nullable=True, comment='in the newest round; null: not advised any more'),
    sa.Column('first_ms', sa.BigInteger(), nullable=False),
    sa.Column('changed_ms', sa.BigInteger(), nullable=False),
    sa.Column('set_aside_by', sa.String(length=80), nullable=True, comment='who said not now'),
    sa.Column('set_aside_ms', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_advice_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'key', name=op.f('pk_advice'))
    )
    op.create_table('advice_runs',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('t_ms', sa.BigInteger(), nullable=False, comment='when the newest round was worked out'),
    sa.Column('basis', sa.JSON(), nullable=False, comment='days, receipts and stores it was made from'),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_advice_runs_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', name=op.f('pk_advice_runs'))
    )
    op.create_table('affinities',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('segment', sa.String(length=64), nullable=False),
    sa.Column('category', sa.String(length=64), nullable=False),
    sa.Column('weekdays', sa.String(length=16), nullable=False, comment='digits 0 to 6'),
    sa.Column('from_hour', sa.Integer(), nullable=False),
    sa.Column('to_hour', sa.Integer(), nullable=False),
    sa.Column('start', sa.Date(), nullable=False),
    sa.Column('end', sa.Date(), nullable=False),
    sa.Column('share', sa.Float(), nullable=False),
    sa.Column('receipts', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_affinities_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'segment', 'category', 'weekdays', 'from_hour', 'to_hour', 'start', name=op.f('pk_affinities'))
    )
    op.create_table('articles',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('sku', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('category', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_articles_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'sku', name=op.f('pk_articles'))
    )
    op.create_table('baskets',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('week', sa.Date(), nullable=False, comment='its Monday'),
    sa.Column('part', sa.Integer(), nullable=False, comment="of the day: hour of the store's clock divided by 6"),
    sa.Column('categories', sa.Text(), nullable=False, comment='ids in order, with commas'),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_baskets_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'week', 'part', 'categories', name=op.f('pk_baskets')),
    sqlite_with_rowid=False
    )
    op.create_table('categories',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('category', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('parent', sa.String(length=64), nullable=True),
    sa.Column('needs', sa.String(length=8), nullable=False),
    sa.Column('movable', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_categories_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'category', name=op.f('pk_categories'))
    )
    op.create_table('changes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('advice', sa.String(length=300), nullable=True, comment='where it came from an advice'),
    sa.Column('name', sa.String(length=160), nullable=False),
    sa.Column('document', sa.JSON(), nullable=False, comment='what is changed where, and how it is judged'),
    sa.Column('status', sa.String(length=10), nullable=False, comment='planned, running, done or cancelled'),
    sa.Column('day', sa.Date(), nullable=False, comment='of the change'),
    sa.Column('promised', sa.JSON(), nullable=True, comment='the effect as it was advised when it was planned'),
    sa.Column('result', sa.JSON(), nullable=True, comment='once it is over'),
    sa.Column('author', sa.String(length=80), nullable=False),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.Column('changed_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_changes_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_changes'))
    )
    with op.batch_alter_table('changes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_changes_site_day'), ['site', 'day'], unique=False)

    op.create_table('cohorts',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('joined', sa.String(length=7), nullable=False),
    sa.Column('month', sa.Integer(), nullable=False),
    sa.Column('members', sa.Integer(), nullable=False),
    sa.Column('active', sa.Integer(), nullable=False),
    sa.Column('gross_c', sa.BigInteger(), nullable=False),
    sa.Column('margin_c', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_cohorts_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'joined', 'month', name=op.f('pk_cohorts'))
    )
    op.create_table('coupons',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('coupon', sa.String(length=64), nullable=False),
    sa.Column('receipts', sa.Integer(), nullable=False),
    sa.Column('gross_c', sa.BigInteger(), nullable=False),
    sa.Column('discount_c', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_coupons_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'day', 'coupon', name=op.f('pk_coupons')),
    sqlite_with_rowid=False
    )
    op.create_table('forecasts',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('series', sa.String(length=80), nullable=False, comment='entrants, occupancy, or sales: and a category'),
    sa.Column('made_ms', sa.BigInteger(), nullable=False),
    sa.Column('start_ms', sa.BigInteger(), nullable=False, comment='of its first hour'),
    sa.Column('cells', sa.LargeBinary(), nullable=False, comment='deflated float32: hours, then days; each middle, 80 % low and high, 95 % low and high'),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_forecasts_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'series', 'made_ms', name=op.f('pk_forecasts'))
    )
    op.create_table('imports',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('subject', sa.String(length=16), nullable=False),
    sa.Column('by', sa.String(length=8), nullable=False, comment='rest, mqtt, upload or folder'),
    sa.Column('name', sa.String(length=200), nullable=False, comment='of the file; or of who sent it'),
    sa.Column('digest', sa.String(length=64), nullable=False, comment='SHA-256 of what came'),
    sa.Column('who', sa.String(length=80), nullable=False),
    sa.Column('received_ms', sa.BigInteger(), nullable=False),
    sa.Column('done_ms', sa.BigInteger(), nullable=True),
    sa.Column('status', sa.String(length=8), nullable=False, comment='running, done, partly or refused'),
    sa.Column('lines', sa.BigInteger(), nullable=False),
    sa.Column('taken', sa.BigInteger(), nullable=False),
    sa.Column('known', sa.BigInteger(), nullable=False, comment='had been taken before, and changed nothing'),
    sa.Column('refused', sa.BigInteger(), nullable=False),
    sa.Column('trouble', sa.Text(), nullable=True, comment='why nothing of it could be read'),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_imports_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imports'))
    )
    with op.batch_alter_table('imports', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_imports_site_received_ms'), ['site', 'received_ms'], unique=False)

    op.create_table('mappings',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('subject', sa.String(length=16), nullable=False),
    sa.Column('document', sa.JSON(), nullable=False),
    sa.Column('author', sa.String(length=80), nullable=False),
    sa.Column('changed_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_mappings_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'name', name=op.f('pk_mappings'))
    )
    op.create_table('money',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False, comment='of the first document that named one; others are refused'),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_money_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', name=op.f('pk_money'))
    )
    op.create_table('news',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('t_ms', sa.BigInteger(), nullable=False, comment='when it was looked for last'),
    sa.Column('document', sa.JSON(), nullable=False, comment='trends and breaks that nobody asked about: server.db.news'),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_news_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', name=op.f('pk_news'))
    )
    op.create_table('offer_results',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('offer', sa.String(length=64), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False, comment='by what it brings less what it costs'),
    sa.Column('t_ms', sa.BigInteger(), nullable=False, comment='when it was worked out'),
    sa.Column('document', sa.JSON(), nullable=False, comment='server.domain.offer_results.OfferResult'),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_offer_results_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'offer', name=op.f('pk_offer_results'))
    )
    op.create_table('offers',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('offer', sa.String(length=64), nullable=False),
    sa.Column('start', sa.Date(), nullable=False),
    sa.Column('end', sa.Date(), nullable=False),
    sa.Column('document', sa.JSON(), nullable=False, comment='contract.loyalty.Offer'),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_offers_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'offer', name=op.f('pk_offers'))
    )
    op.create_table('places',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.Column('shelf_m', sa.Float(), nullable=True),
    sa.Column('has', sa.JSON(), nullable=False),
    sa.Column('feature', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_places_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'zone', name=op.f('pk_places'))
    )
    op.create_table('placings',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('category', sa.String(length=64), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=True, comment='null: it left the floor'),
    sa.Column('shelf_m', sa.Float(), nullable=True),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_placings_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'category', 'since', name=op.f('pk_placings'))
    )
    op.create_table('programme_periods',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('segment', sa.String(length=64), nullable=False),
    sa.Column('start', sa.Date(), nullable=False),
    sa.Column('end', sa.Date(), nullable=False),
    sa.Column('document', sa.JSON(), nullable=False, comment='contract.loyalty.ProgrammePeriod'),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_programme_periods_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'segment', 'start', 'end', name=op.f('pk_programme_periods'))
    )
    op.create_table('published',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('subject', sa.String(length=16), nullable=False),
    sa.Column('grain', sa.String(length=8), nullable=False, comment='of its rows: slot, hour, day or week'),
    sa.Column('start_ms', sa.BigInteger(), nullable=False),
    sa.Column('end_ms', sa.BigInteger(), nullable=False),
    sa.Column('t_ms', sa.BigInteger(), nullable=False, comment='when it was told first; it is never told otherwise'),
    sa.Column('sent_ms', sa.BigInteger(), nullable=True, comment='when it was left for broker and webhooks; null: only who asks is told'),
    sa.Column('document', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_published_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'subject', 'grain', 'start_ms', name=op.f('pk_published'))
    )
    op.create_table('receipts_seen',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('digest', sa.LargeBinary(length=12), nullable=False, comment="keyed hash of the sender's receipt id"),
    sa.Column('day', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_receipts_seen_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'digest', name=op.f('pk_receipts_seen')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('receipts_seen', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_receipts_seen_day'), ['day'], unique=False)

    op.create_table('reports_sent',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('week', sa.Date(), nullable=False, comment='its Monday'),
    sa.Column('recipient', sa.String(length=200), nullable=False, comment='keyed hash of the address'),
    sa.Column('sent_ms', sa.BigInteger(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('trouble', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_reports_sent_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'week', 'recipient', name=op.f('pk_reports_sent'))
    )
    op.create_table('sales',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('bin_ms', sa.BigInteger(), nullable=False, comment='start of a quarter of an hour'),
    sa.Column('category', sa.String(length=64), nullable=False, comment='empty: the whole store'),
    sa.Column('receipts', sa.BigInteger(), nullable=False, comment='with this category; all of the store where it is empty'),
    sa.Column('card_receipts', sa.BigInteger(), nullable=False),
    sa.Column('returns', sa.BigInteger(), nullable=False, comment='receipts of kind return'),
    sa.Column('quantity', sa.Float(), nullable=False),
    sa.Column('gross_c', sa.BigInteger(), nullable=False, comment='less what was brought back'),
    sa.Column('margin_c', sa.BigInteger(), nullable=False, comment='of the lines that said their margin'),
    sa.Column('margin_gross_c', sa.BigInteger(), nullable=False, comment='gross of the lines that said their margin'),
    sa.Column('discount_c', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_sales_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'bin_ms', 'category', name=op.f('pk_sales')),
    sqlite_with_rowid=False
    )
    op.create_table('sales_days',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('day', sa.Date(), nullable=False, comment="of the store's own calendar"),
    sa.Column('category', sa.String(length=64), nullable=False, comment='empty: the whole store'),
    sa.Column('offer', sa.String(length=64), nullable=False, comment='lines of this offer; empty: all lines, with it and without'),
    sa.Column('receipts', sa.BigInteger(), nullable=False, comment='with this category; all of the store where it is empty'),
    sa.Column('card_receipts', sa.BigInteger(), nullable=False),
    sa.Column('returns', sa.BigInteger(), nullable=False, comment='receipts of kind return'),
    sa.Column('quantity', sa.Float(), nullable=False),
    sa.Column('gross_c', sa.BigInteger(), nullable=False, comment='less what was brought back'),
    sa.Column('margin_c', sa.BigInteger(), nullable=False, comment='of the lines that said their margin'),
    sa.Column('margin_gross_c', sa.BigInteger(), nullable=False, comment='gross of the lines that said their margin'),
    sa.Column('discount_c', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_sales_days_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'day', 'category', 'offer', name=op.f('pk_sales_days')),
    sqlite_with_rowid=False
    )
    op.create_table('sales_rows',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('start_ms', sa.BigInteger(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('category', sa.String(length=64), nullable=False, comment='empty: the whole store'),
    sa.Column('receipts', sa.BigInteger(), nullable=False, comment='with this category; all of the store where it is empty'),
    sa.Column('card_receipts', sa.BigInteger(), nullable=False),
    sa.Column('returns', sa.BigInteger(), nullable=False, comment='receipts of kind return'),
    sa.Column('quantity', sa.Float(), nullable=False),
    sa.Column('gross_c', sa.BigInteger(), nullable=False, comment='less what was brought back'),
    sa.Column('margin_c', sa.BigInteger(), nullable=False, comment='of the lines that said their margin'),
    sa.Column('margin_gross_c', sa.BigInteger(), nullable=False, comment='gross of the lines that said their margin'),
    sa.Column('discount_c', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_sales_rows_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'start_ms', 'minutes', 'category', name=op.f('pk_sales_rows'))
    )
    op.create_table('special_days',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('closed', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_special_days_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'day', name=op.f('pk_special_days'))
    )
    op.create_table('surveys',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('survey', sa.String(length=64), nullable=False),
    sa.Column('question', sa.String(length=64), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('answer', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('nps', sa.Boolean(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_surveys_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'survey', 'question', 'day', 'answer', name=op.f('pk_surveys'))
    )
    op.create_table('tips',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('bank', sa.String(length=64), nullable=False, comment='a queue zone, or `all`'),
    sa.Column('from_ms', sa.BigInteger(), nullable=False),
    sa.Column('until_ms', sa.BigInteger(), nullable=False),
    sa.Column('given', sa.String(length=64), nullable=True, comment='the category it goes with; null: with anything'),
    sa.Column('then', sa.String(length=64), nullable=False, comment='the category to offer'),
    sa.Column('document', sa.JSON(), nullable=False, comment='contract.tips.Tip: why'),
    sa.Column('offered', sa.Integer(), nullable=False),
    sa.Column('accepted', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_tips_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tips'))
    )
    with op.batch_alter_table('tips', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tips_site_from_ms'), ['site', 'from_ms'], unique=False)

    op.create_table('weather',
    sa.Column('site', sa.String(length=64), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('temperature_c', sa.Float(), nullable=False),
    sa.Column('rain_mm', sa.Float(), nullable=False),
    sa.Column('forecast', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['sites.site'], name=op.f('fk_weather_site'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('site', 'day', name=op.f('pk_weather'))
    )
    op.create_table('import_faults',
    sa.Column('import_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('line', sa.BigInteger(), nullable=False),
    sa.Column('column', sa.String(length=80), nullable=False),
    sa.Column('fault', sa.Text(), nullable=False, comment='never the value itself'),
    sa.ForeignKeyConstraint(['import_id'], ['imports.id'], name=op.f('fk_import_faults_import_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('import_id', 'line', name=op.f('pk_import_faults'))
    )


def downgrade() -> None:
    op.drop_table('import_faults')
    op.drop_table('weather')
    with op.batch_alter_table('tips', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_tips_site_from_ms'))

    op.drop_table('tips')
    op.drop_table('surveys')
    op.drop_table('special_days')
    op.drop_table('sales_rows')
    op.drop_table('sales_days')
    op.drop_table('sales')
    op.drop_table('reports_sent')
    with op.batch_alter_table('receipts_seen', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_receipts_seen_day'))

    op.drop_table('receipts_seen')
    op.drop_table('published')
    op.drop_table('programme_periods')
    op.drop_table('placings')
    op.drop_table('places')
    op.drop_table('news')
    op.drop_table('offers')
    op.drop_table('offer_results')
    op.drop_table('money')
    op.drop_table('mappings')
    with op.batch_alter_table('imports', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_imports_site_received_ms'))

    op.drop_table('imports')
    op.drop_table('forecasts')
    op.drop_table('coupons')
    op.drop_table('cohorts')
    with op.batch_alter_table('changes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_changes_site_day'))

    op.drop_table('changes')
    op.drop_table('categories')
    op.drop_table('baskets')
    op.drop_table('articles')
    op.drop_table('affinities')
    op.drop_table('advice_runs')
    op.drop_table('advice')
