"""Small official files, made up in the producers' layouts, for the tests of the importers."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import duckdb

SIPRI_PREAMBLE = "\n".join(
    ["Transfers of major conventional arms", "A '?' in a column", *[f"note {i}" for i in range(9)]]
)
SIPRI_HEADER = (
    "Recipient,Supplier,Year of order, ,Number ordered, ,Weapon designation,Weapon description,Number delivered, ,"
    "Year(s) of delivery,status,Comments,SIPRI TIV per unit,SIPRI TIV for total order,SIPRI TIV of delivered weapons"
)
GSDB_HEADER = (
    "case_id,sanctioned_state,sanctioning_state,begin,end,trade,descr_trade,arms,military,financial,travel,other,"
    "target_mult,sender_mult,objective,success"
)
KOF_HEADER = "code,country,year," + ",".join(
    f"KOF{part}GI{face}" for part in ("", "Ec", "Tr", "Fi", "So", "Ip", "In", "Cu", "Po") for face in ("", "df", "dj")
)
LIBRARY_HEADER = (
    "undl_id,ms_code,ms_name,ms_vote,date,session,resolution,draft,committee_report,meeting,title,agenda_title,"
    "subjects,vote_note,total_yes,total_no,total_abstentions,total_non_voting,total_ms,undl_link"
)
VETO_HEADER = (
    "year,date,month,draft,meeting_record,agenda_item,crisis_topic,region,member_veto1,member_veto2,member_veto3,"
    "single_veto,multiple_vetoes,China,France,Russia,USSR,USA,UK"
)
UNTC_HEADER = (
    "country_name,treaty_id,treaty_name,action_type,action_date,signature_date,treaty_open_year,mtdsg_no,source_url"
)


@dataclass(frozen=True)
class Small:
    """A small file: its role, header, rows of cells, and where the cells are that the tests spoil.

    `number`, `country` and `year` are columns by place.
    """

    source: str
    role: str
    header: str
    rows: tuple[str, ...]
    number: int
    country: int | None = None
    year: int | None = None
    preamble: str = ""

    @property
    def header_row(self) -> int:
        return self.preamble.count("\n") + (2 if self.preamble else 1)

    def text(self, rows: tuple[str, ...] | None = None, header: str | None = None) -> str:
        lines = [*([self.preamble] if self.preamble else []), header or self.header, *(rows or self.rows)]
        return "\n".join(lines) + "\n"

    def with_cell(self, row: int, column: int, entry: str) -> str:
        cells = self.rows[row].split(",")
        cells[column] = entry
        rows = list(self.rows)
        rows[row] = ",".join(cells)
        return self.text(tuple(rows))

    def write(self, folder: Path, text: str | None = None) -> dict[str, Path]:
        path = folder / f"{self.source}.csv"
        path.write_text(self.text() if text is None else text, encoding="utf-8")
        return {self.role: path}


def kof_row(code: str, name: str, year: int) -> str:
    return f"{code},{name},{year}," + ",".join(str(50 + place / 10) for place in range(27))


def library_row(
    number: int, code: str, name: str, vote: str, day: str = "2022-03-02", symbol: str = "A/RES/ES-11/1"
) -> str:
    return f"{number},{code},{name},{vote},{day},ES-11,{symbol},A/ES-11/L.1,,A/ES-11/PV.5,A title,An item,A,,,,,,,"


SMALL = {
    small.source: small
    for small in (
        Small(
            "nmc",
            "country_years",
            "stateabb,ccode,year,milex,milper,irst,pec,tpop,upop,cinc,version",
            (
                "USA,2,2015,1000,1300,78845,3000000,319929,150000,.14,6",
                "CHN,710,2015,-9,2300,803825,4000000,1400000,500000,.22,6",
            ),
            number=9,
            country=1,
            year=2,
        ),
        Small(
            "wb_gdp",
            "values",
            "Country Name,Country Code,Year,Value",
            ("Kazakhstan,KAZ,2020,171082.5", "World,WLD,2020,85000000", "Kazakhstan,KAZ,2021,197112.2"),
            number=3,
            country=1,
            year=2,
        ),
        Small(
            "wb_population",
            "values",
            "Country Name,Country Code,Year,Value",
            ("Kazakhstan,KAZ,2020,18755666", "Aruba,ABW,2020,106766"),
            number=3,
            country=1,
            year=2,
        ),
        Small(
            "cow_trade",
            "dyad_years",
            "ccode1,ccode2,year,importer1,importer2,flow1,flow2",
            (
                "2,20,2010,USA,Canada,280000,250000",
                "2,710,2010,USA,China,380000,-9",
                "2,70,2010,USA,Mexico,230000,160000",
            ),
            number=5,
            country=1,
            year=2,
        ),
        Small(
            "baci",
            "flows",
            "year,exporter,importer,value_kusd",
            ("2020,CHN,USA,437922016", "2020,USA,CHN,120000000.5", "2020,ABW,AFG,1.5"),
            number=3,
            country=1,
            year=0,
        ),
        Small(
            "atop",
            "dyad_years",
            "year,stateA,stateB,defense,offense,neutral,nonagg,consul",
            ("2010,2,20,1,0,0,1,1", "2010,20,2,1,0,0,1,1"),
            number=3,
            country=1,
            year=0,
        ),
        Small(
            "sipri",
            "register",
            SIPRI_HEADER,
            (
                "India,Russia,2004,,310,?,T-90S,tank,310,?,2005; 2006,New,none,4,1240,1240",
                "Hamas (Palestine)*,Iran,2006,?,10,?,WS-1,MRL,10,?,2007,New,,0.1,1,1",
                "India,Soviet Union,1990,,2,,T-72,tank,2,,2005,New,,1,2,2",
            ),
            number=15,
            country=0,
            preamble=SIPRI_PREAMBLE,
        ),
        Small(
            "gcdf",
            "recipient_years",
            "ccode,year,oof_amt,oof_adj,oda_amt,oda_adj,vof_amt,vof_adj",
            ("705,2010,10,8,5,5,0,0", "770,2010,100,90,50,50,1,1"),
            number=3,
            country=0,
            year=1,
        ),
        Small(
            "gsdb",
            "cases",
            GSDB_HEADER,
            (
                '1,Iran,United States,1979,1981,1,"exp_compl, imp_compl",1,0,1,1,0,0,0,policy_change,success_part',
                "2,Somalia,UN,1992,2022,0,,1,0,0,0,0,0,1,end_war,ongoing",
            ),
            number=3,
            country=1,
        ),
        Small(
            "cw_democracy",
            "country_years",
            "ccode,year,euds,aeuds,polity2,v2x_polyarchy",
            ("2,2015,1.5,1.2,10,.9", "705,2015,-.9,-1.2,-6,.2"),
            number=5,
            country=0,
            year=1,
        ),
        Small(
            "geodist",
            "pairs",
            "iso_o,iso_d,contig,comlang_off,comlang_ethno,colony,comcol,curcol,col45,smctry,dist,distcap,distw,distwces",
            ("KAZ,CHN,1,0,0,0,0,0,0,0,3281.5,3280,3500,3400", "CHN,KAZ,1,0,0,0,0,0,0,0,3281.5,3280,.,."),
            number=10,
            country=0,
        ),
        Small(
            "contiguity",
            "spells",
            "ccode1,ccode2,conttype,stdate,enddate",
            ("2,20,1,1920-01-01,2016-12-01", "20,2,1,1920-01-01,2016-12-01"),
            number=2,
        ),
        Small("cow_majors", "spells", "ccode,styear,endyear", ("2,1898,2016", "710,1950,2016"), number=1),
        Small(
            "gml_mids",
            "dyad_years",
            "dispnum,ccode1,ccode2,year,gmlmidonset,sidea1,hostlev,hostlev1,hostlev2,fatality,recip",
            ("1,2,710,2001,1,0,4,1,4,-9,0", "1,710,2,2001,1,1,4,4,1,-9,0"),
            number=6,
            country=1,
            year=3,
        ),
        Small(
            "tss_rivalries",
            "rivalries",
            "tssr_id,rivalry,ccode1,ccode2,start,end,positional,spatial,ideological,interventionary,principal",
            ("1,China-USA,2,710,1996,2020,1,,,,1", "2,India-Pakistan,750,770,1947,2020,1,1,,,1"),
            number=4,
        ),
        Small(
            "unsc_vetoes",
            "drafts",
            VETO_HEADER,
            (
                "2022,5/26/2022,5,S/2022/431,S/PV.9048,Non-proliferation,DPRK,East Asia,China,Russia,,0,1,1,0,1,0,0,0",
                "1955,12/13/1955,12,S/3502,S/PV.704,Admission,Admission,General,China,,,1,0,1,0,0,0,0,0",
            ),
            number=0,
            country=8,
        ),
        *(
            Small(
                source,
                "participants",
                UNTC_HEADER,
                (
                    "Kazakhstan,first,First Convention,Ratification,2001-05-04,1999-02-03,1999,IV-1,-",
                    "Mexico,first,First Convention,Accession,2003-01-02,,1999,IV-1,-",
                    "Cook Islands,first,First Convention,Accession,2004-01-02,,1999,IV-1,-",
                    "Kazakhstan,second,Second Convention,,,2005-06-07,2005,IV-2,-",
                ),
                number=6,
                country=0,
            )
            for source in ("untc_human_rights", "untc_arms_control")
        ),
        Small(
            "wipo",
            "participants",
            "country_name,treaty_id,treaty_name,action_type,action_date,signature_date,entry_into_force_date,"
            "treaty_open_year,wipo_treaty_id,source_url",
            (
                "Kazakhstan,first,First Treaty,Accession,1993-02-03,,1993-05-03,1967,1,-",
                "France,first,First Treaty,Ratification,1974-09-18,1967-07-14,1974-12-18,1967,1,-",
                "France,second,Second Treaty,,,,1891-07-15,1891,2,-",
            ),
            number=7,
            country=0,
        ),
        Small(
            "wto_members",
            "members",
            "country_name,accession_date,accession_date_raw,is_original_member,country_code_iso3,notes",
            ("Kazakhstan,2015-11-30,30 November 2015,FALSE,,", "Mexico,1995-01-01,1 January 1995,TRUE,,"),
            number=1,
            country=0,
        ),
        Small(
            "wto_rta",
            "agreements",
            "RTA ID,RTA Name,RTA Composition,Accession?,Status,Date of Signature (G),Date of Signature (S),"
            "Date of Entry into Force (G),Date of Entry into Force (S),Inactive Date",
            (
                "5,EFTA - Egypt,Bilateral; One Party is an RTA,No,In Force,2007-01-27,,2007-08-01,2006-02-01,",
                "7,Finland - Estonia,Bilateral,No,Inactive,1992-02-13,,1992-12-01,,1995-01-01",
            ),
            number=0,
        ),
        Small(
            "mia",
            "body_years",
            "ioname,year,cow_igocode,typeI,pooling,delegation",
            ("ASEAN,1972,750,general purpose,0,.1", ",2019,750,general purpose,.2,.3"),
            number=4,
            year=1,
        ),
        Small(
            "agg",
            "body_years",
            "IN,year,founded,weighted,unanimity,expenditures,income,contributions",
            ("WB,1999,1944,1,0,100.5,,", "AF,2001,2001,0,1,,,"),
            number=5,
            year=1,
        ),
        Small(
            "pwt",
            "country_years",
            "isocode,year,cgdpo",
            ("KAZ,2010,300000.5", "HKG,2010,350000", "KAZ,1980,"),
            number=2,
            country=0,
            year=1,
        ),
    )
}
"""One small file for each source that comes as one table of text; any importer reads its table as CSV too."""

PUBLISHED = Small(
    "un_votes",
    "published",
    "rcid,ccode,member,vote,Country,Countryname,year,session,abstain,yes,no,importantvote,date,unres,amend,para,short,"
    "descr,me,nu,di,hr,co,ec",
    (
        "3,2,1,1,USA,United States,1946,1,4,29,18,0,1946-01-01,R/1/66,1,0,AMENDMENTS,text,0,0,0,0,0,0",
        "3,20,1,3,CAN,Canada,1946,1,4,29,18,0,1946-01-01,R/1/66,1,0,AMENDMENTS,text,0,0,0,0,0,0",
        "3,700,1,8,AFG,Afghanistan,1946,1,4,29,18,0,1946-01-01,R/1/66,1,0,AMENDMENTS,text,0,0,0,0,0,0",
        "3,705,NA,9,KAZ,Kazakhstan,1946,1,4,29,18,0,1946-01-01,R/1/66,1,0,AMENDMENTS,text,0,0,0,0,0,0",
        "4,2,1,2,USA,United States,1946,1,8,9,34,NA,1946-01-02,R/1/79,0,0,ELECTIONS,text,1,0,0,0,0,0",
    ),
    number=3,
    country=1,
    year=6,
)
LIBRARY = Small(
    "un_votes",
    "library",
    LIBRARY_HEADER,
    (
        library_row(1, "USA", "UNITED STATES", "Y"),
        library_row(1, "RUS", "RUSSIAN FEDERATION", "N"),
        library_row(1, "KAZ", "KAZAKHSTAN", "A"),
        library_row(1, "TGO", "TOGO", "X"),
    ),
    number=0,
    country=1,
)
TABLES_OF_TEXT = (*SMALL.values(), PUBLISHED, LIBRARY)


def write_parquet(path: Path, select: str) -> Path:
    """Write the answer of a SELECT as Parquet."""
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path


def write_workbook(path: Path, worksheets: dict[str, list[list[object]]]) -> Path:
    """Write a minimal XLSX workbook: text as inline strings, numbers as numbers."""
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{i}" r:id="rId{i}"/>' for i, name in enumerate(worksheets, 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{i}" Target="worksheets/sheet{i}.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/>'
        for i, _ in enumerate(worksheets, 1)
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for i, _ in enumerate(worksheets, 1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
            f"{kinds}</Types>",
        )
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{sheets}</sheets></workbook>'
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}/relationships">{relations}</Relationships>'
        )
        for i, rows in enumerate(worksheets.values(), 1):
            body = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
            book.writestr(
                f"xl/worksheets/sheet{i}.xml", f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>'
            )
    return path


def _cell(value: object) -> str:
    if isinstance(value, int | float):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
