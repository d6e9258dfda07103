"""Nouns of knowledge: articles, their versions, what was asked, editions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .words import ArticleState, Category, Channel, EditionState, VersionState


class Article(models.Model):
    """Something worth knowing (知识条目): its words are in its versions."""

    code = models.CharField("编号", max_length=20, unique=True)
    title = models.CharField("标题", max_length=200)
    category = models.CharField("分类", max_length=12, choices=Category.pairs(), db_index=True)
    org = models.ForeignKey("identity.OrgUnit", models.PROTECT, verbose_name="所属机构", related_name="+")
    state = models.CharField(
        "状态", max_length=10, choices=ArticleState.pairs(), default=ArticleState.DRAFT.value, db_index=True
    )
    published = models.ForeignKey(
        "operations.ArticleVersion",
        models.PROTECT,
        verbose_name="现行版本",
        null=True,
        blank=True,
        related_name="+",
    )
    owner = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="责任人", null=True, related_name="+"
    )
    review_due_on = models.DateField("复审日期", null=True, blank=True, db_index=True)
    reminded_on = models.DateField("最近提醒", null=True, blank=True)
    n_useful = models.PositiveIntegerField("有用", default=0)
    n_useless = models.PositiveIntegerField("无用", default=0)
    created_at = models.DateTimeField("建立时间")
    changed_at = models.DateTimeField("更新时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "知识条目"
        ordering: ClassVar = ["-changed_at", "-id"]

    def __str__(self) -> str:
        return self.title


class ArticleVersion(models.Model):
    """One wording of an article (知识版本); once published the database itself refuses to change it."""

    article = models.ForeignKey(Article, models.PROTECT, verbose_name="知识条目", related_name="versions")
    number = models.PositiveIntegerField("版本")
    title = models.CharField("标题", max_length=200)
    body = models.TextField("正文")
    keywords = models.CharField("关键词", max_length=200, blank=True, default="")
    change = models.CharField("修订说明", max_length=400, blank=True, default="")
    state = models.CharField(
        "状态", max_length=10, choices=VersionState.pairs(), default=VersionState.DRAFT.value, db_index=True
    )
    author = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="编写人", null=True, related_name="+"
    )
    written_at = models.DateTimeField("编写时间")
    reviewer = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="审核人", null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True)
    review_note = models.CharField("审核意见", max_length=400, blank=True, default="")
    sm3 = models.CharField("正文摘要", max_length=64, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "知识版本"
        ordering: ClassVar = ["article", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("article", "number"), name="ops_article_version_once"),
            models.CheckConstraint(
                condition=models.Q(reviewer__isnull=True)
                | models.Q(author__isnull=True)
                | ~models.Q(reviewer=models.F("author")),
                name="ops_article_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} V{self.number}"


class ArticleFile(models.Model):
    """A file that belongs to an article (知识附件)."""

    article = models.ForeignKey(Article, models.PROTECT, verbose_name="知识条目", related_name="files")
    file = models.ForeignKey("files.StoredFile", models.PROTECT, verbose_name="文件", related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "知识附件"
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return str(self.file)


class ArticleVote(models.Model):
    """What a reader thought of an article (知识评价); the last word of each reader counts."""

    article = models.ForeignKey(Article, models.PROTECT, verbose_name="知识条目", related_name="votes")
    person = models.ForeignKey("identity.Person", models.PROTECT, verbose_name="评价人", related_name="+")
    is_useful = models.BooleanField("有用")
    note = models.CharField("意见", max_length=400, blank=True, default="")
    at = models.DateTimeField("评价时间")

    class Meta:
        verbose_name = verbose_name_plural = "知识评价"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("article", "person"), name="ops_article_vote_once")
        ]

    def __str__(self) -> str:
        return "有用" if self.is_useful else "无用"


class AskedQuestion(models.Model):
    """A question that somebody really asked (提问记录), and the article that answered it, if one did."""

    asked_at = models.DateTimeField("提问时间", db_index=True)
    entered_at = models.DateTimeField("登记时间")
    text = models.CharField("问题", max_length=400)
    channel = models.CharField("渠道", max_length=10, choices=Channel.pairs(), default=Channel.OTHER.value)
    org = models.ForeignKey("identity.OrgUnit", models.PROTECT, verbose_name="提问机构", related_name="+")
    article = models.ForeignKey(
        Article, models.PROTECT, verbose_name="所用知识", null=True, blank=True, related_name="questions"
    )
    case_number = models.CharField("事项编号", max_length=40, blank=True, default="", db_index=True)
    entered_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="登记人", null=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "提问记录"
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("case_number", "article"),
                condition=~models.Q(case_number=""),
                name="ops_question_once_per_case",
            )
        ]

    def __str__(self) -> str:
        return self.text


class Edition(models.Model):
    """One quarter's 《常见问题处理手册》 (手册): composed from what was asked, frozen when final."""

    org = models.ForeignKey("identity.OrgUnit", models.PROTECT, verbose_name="所属机构", related_name="+")
    quarter = models.CharField("季度", max_length=6)
    number = models.PositiveIntegerField("版次", default=1)
    state = models.CharField(
        "状态", max_length=8, choices=EditionState.pairs(), default=EditionState.DRAFT.value
    )
    content = models.TextField("内容")
    sm3 = models.CharField("内容摘要", max_length=64)
    composed_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="编制人", null=True, related_name="+"
    )
    composed_at = models.DateTimeField("编制时间")
    frozen_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="定稿人", null=True, blank=True, related_name="+"
    )
    frozen_at = models.DateTimeField("定稿时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "常见问题处理手册"
        ordering: ClassVar = ["-quarter", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("org", "quarter", "number"), name="ops_edition_once")
        ]

    def __str__(self) -> str:
        return f"{self.quarter[:4]} 年第 {self.quarter[-1]} 季度《常见问题处理手册》"
