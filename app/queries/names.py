"""Names of divisions and of dictionaries in a language, as SQL."""


def named(alias: str, language: str) -> str:
    """Return the SQL of a row's name in a language; where it has none there, the Uzbek one.

    :param language: SQL of the code of the language
    """
    return f"coalesce(CASE {language} WHEN 'ru' THEN {alias}.name_ru WHEN 'uz_Cyrl' THEN {alias}.name_uz_cyrl END, {alias}.name)"


def shown(alias: str) -> str:
    """Return the SQL of a row's name in the language of the reader, which every transaction of a page knows."""
    return named(alias, "current_setting('app.language', true)")
