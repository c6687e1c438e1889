package lex

import "strings"

// maxKeyword bounds the length of a word that Fold looks up.
const maxKeyword = 32

// reserved are the words that name nothing without quotes (r_pg_keywords).
const reserved = `
	aes128 aes256 all allowoverwrite analyse analyze and any array as asc authorization az64 backup between binary
	blanksasnull both bytedict bzip2 case cast check collate column constraint create credentials cross
	current_date current_time current_timestamp current_user current_user_id default deferrable deflate defrag
	delta delta32k desc disable distinct do else emptyasnull enable encode encrypt encryption end except explicit
	false for foreign freeze from full globaldict256 globaldict64k grant group gzip having identity ignore ilike
	in initially inner intersect interval into is isnull join leading left like limit localtime localtimestamp lun
	luns lzo lzop minus mostly16 mostly32 mostly8 natural new not notnull null nulls off offline offset oid old on
	only open or order outer overlaps parallel partition percent permissions pivot placing primary raw readratio
	recover references rejectlog resort respect restore right select session_user similar snapshot some sysdate
	system table tag tdes text255 text32k then timestamp to top trailing true truncatecolumns union unique unnest
	unpivot user using verbose wallet when where with without
`

// common are words of the grammar and names of functions that are not
// reserved. They are listed so that Fold need not allocate for them, and mean
// nothing else.
const common = `
	abort accept access action add after aggregate aggregates alter always append apply approximate assumerole at
	atomic attach authentication auto avg backward before begin bigint bigints bit bool boolean boost bpchar by
	bypassrls cache call cancel cascade catalog catalog_role century chain char character characteristics
	checkpoint class close cluster_arn coalesce columns comment commit commited committed compound compression
	comprows compupdate connect connection constraints conversion convert convert_timezone copy count createdb
	createuser csv cube current cursor cycle data database databases datashare datashares date date_add date_diff
	date_part date_trunc dateadd datediff datetime day deallocate dec decimal declare defaults definer delete
	delimiter delimiters dense_rank detach distkey diststyle dml double drop dynamic each elements encoding
	endpoint escape even exclude excluding exclusive execute exists explain external externalid extract fetch
	fields filltarget filter first first_value flatten float float4 float8 force format forward function functions
	generated geography geometry getdate global grants greatest grouping groups header hive hllsketch hour
	iam_role if ignoreextra immediate immutable including increment inherits inout input insensitive insert
	instead int int2 int4 int8 integer interleaved invoker isolation job json key keys kinesis lag lambda language
	last last_value lead least len level libraries library list listagg listen load local location lock lower
	manifest masking matched materialized max maxerror maxvalue median merge metastore min minute minvalue mode
	model month move msk mysql name names namespace national nchar next no nocreatedb nocreateuser none nothing
	notify nowait ntile nullif numeric nvarchar nvl object object_transform of oids operator option options out
	over overlay owned owner parameter parameters parquet partial partitioned password percentile_cont
	percentile_disc pg_catalog plan policies policy port position postgres preceding precision predicate prepare
	prepared preserve prior privileges procedural procedure procedures protected provider public publicaccessible
	qualify quota quote range rank ratio_to_report read real rebuild recheck recluster recursive redshift refresh
	region reindex relation release remove rename repeatable replace reset restart restrict restricted returning
	returns revoke rls role roles rollback rollup row row_number rows rule savepoint schema schemas scroll second
	secret_arn security seed sequence serializable session set setof sets share show simple simplify smallint sort
	sortkey stable start statement statistics statupdate stddev stdin stdout storage stored strict substring sum
	super suspend syslog tables temp template templates temporary text time timeout timestamptz timetz to_char
	to_date transaction trigger trim truncate trusted try_cast type unbounded uncommitted under unencrypted
	unknown unlimited unlisten unload unrestricted until update upper uri usage use vacuum valid validator values
	varbinary varbyte varchar variance varying view views volatile window within work write year yes zone
`

var (
	keywords      = map[string]string{}
	reservedWords = map[string]struct{}{}
)

func init() {
	for w := range strings.FieldsSeq(reserved) {
		keywords[w] = w
		reservedWords[w] = struct{}{}
	}
	for w := range strings.FieldsSeq(common) {
		keywords[w] = w
	}
}

// IsReserved says whether a word, in any case, is reserved and so can be a name
// only in quotes.
func IsReserved(word string) bool {
	_, ok := reservedWords[Fold(word)]
	return ok
}

// Reserved are the reserved words in lower case, sorted.
func Reserved() []string { return strings.Fields(reserved) }

// Common are the words of the grammar that are not reserved, in lower case,
// sorted.
func Common() []string { return strings.Fields(common) }
